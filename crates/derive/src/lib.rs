//! `#[derive(Structure)]`: structs, and enums without data, as parameters and results of programs. The trait and its
//! documentation are in `wengert`, which re-exports the macro.
//!
//! What is written, for leaves of any type `__L`:
//!
//! - bounds: every type parameter is a structure, and every field whose type names no parameter is one; what the user
//!   demands of a parameter holds of its expressions too, which replace it in `Exprs`;
//! - a struct with named fields is a record, one with positional fields a tuple, an enum the name of its variant.

mod bounds;
mod expand;

use proc_macro::TokenStream;

/// Implements the trait `wengert::Structure` for a struct whose fields are structures, or for an enum without data.
#[proc_macro_derive(Structure)]
pub fn structure(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::structure(&input).unwrap_or_else(|mistake| mistake.to_compile_error()).into()
}
