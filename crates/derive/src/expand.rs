//! The implementation for a struct or an enum.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DataEnum, DeriveInput, Error, Fields, Ident, Index};

use crate::bounds::Bounds;

/// The implementation.
///
/// # Errors
/// A union, an enum with data or without variants: at the place of the mistake.
pub fn structure(input: &DeriveInput) -> Result<TokenStream, Error> {
    match &input.data {
        Data::Struct(data) => Ok(of_struct(input, &data.fields)),
        Data::Enum(data) => of_enum(input, data),
        Data::Union(data) => {
            let why = "a union is no structure; derive for a struct, or for an enum without data";
            Err(Error::new(data.union_token.span, why))
        }
    }
}

fn of_struct(input: &DeriveInput, fields: &Fields) -> TokenStream {
    let parts: Vec<Ident> = (0..fields.len()).map(|at| format_ident!("part{at}")).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let take = quote!(#(let #parts = parts.take::<#types>()?;)*);
    match fields {
        Fields::Named(fields) => {
            let idents: Vec<&Ident> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
            let names: Vec<String> = idents.iter().map(|ident| ident.unraw().to_string()).collect();
            let to_tree = quote!(::wengert::structure::Tree::record([
                #((#names, <#types as ::wengert::Structure<__L>>::to_tree(&self.#idents))),*
            ]));
            let from_tree = quote! {
                let mut parts = tree.take_fields(&[#(#names),*])?;
                #take
                ::core::result::Result::Ok(Self { #(#idents: #parts),* })
            };
            implementation(input, fields.named.iter(), &to_tree, &from_tree)
        }
        Fields::Unnamed(_) | Fields::Unit => {
            let places: Vec<Index> = (0..fields.len()).map(Index::from).collect();
            let count = fields.len();
            let to_tree = quote!(::wengert::structure::Tree::Tuple(::std::vec![
                #(<#types as ::wengert::Structure<__L>>::to_tree(&self.#places)),*
            ]));
            let made = if matches!(fields, Fields::Unit) { quote!(Self) } else { quote!(Self(#(#parts),*)) };
            let from_tree = quote! {
                let mut parts = tree.take_parts(#count)?;
                #take
                ::core::result::Result::Ok(#made)
            };
            implementation(input, fields.iter(), &to_tree, &from_tree)
        }
    }
}

fn of_enum(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream, Error> {
    if let Some(variant) = data.variants.iter().find(|variant| !variant.fields.is_empty()) {
        let why = "an enum with data is no structure; keep the data in a struct and the choice in an enum without data";
        return Err(Error::new_spanned(variant, why));
    }
    if data.variants.is_empty() {
        return Err(Error::new_spanned(&input.ident, "an enum without variants is no structure; it has no values"));
    }
    let idents: Vec<&Ident> = data.variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<String> = idents.iter().map(|ident| ident.unraw().to_string()).collect();
    let to_tree = quote!(::wengert::structure::Tree::choice(match self { #(Self::#idents { .. } => #names),* }));
    let places = 0..idents.len();
    let last = idents.last();
    let others = places.zip(&idents).take(idents.len() - 1).map(|(at, ident)| quote!(#at => Self::#ident {}));
    let from_tree = quote! {
        ::core::result::Result::Ok(match tree.take_choice(&[#(#names),*])? {
            #(#others,)*
            _ => Self::#last {},
        })
    };
    Ok(implementation(input, std::iter::empty(), &to_tree, &from_tree))
}

fn implementation<'a>(
    input: &DeriveInput,
    fields: impl Iterator<Item = &'a syn::Field>,
    to_tree: &TokenStream,
    from_tree: &TokenStream,
) -> TokenStream {
    let name = &input.ident;
    let Bounds { params, exprs, bounds } = Bounds::of(input, fields);
    let (_, own, _) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(private_bounds, unused_mut)]
        impl<#params> ::wengert::Structure<__L> for #name #own
        where
            #bounds
        {
            type Exprs = #name<#exprs>;
            fn to_tree(&self) -> ::wengert::structure::Tree<__L> {
                #to_tree
            }
            fn from_tree(
                tree: ::wengert::structure::Tree<__L>,
            ) -> ::core::result::Result<Self, ::wengert::Misfit> {
                #from_tree
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, message: &str) {
        let input = syn::parse_str(source).expect("an item");
        let mistake = structure(&input).map(|_| ()).expect_err("no structure");
        assert_eq!(mistake.to_string(), message);
    }

    #[test]
    fn what_is_no_structure_is_told() {
        check(
            "enum Loss { Squared, Huber(f64) }",
            "an enum with data is no structure; keep the data in a struct and the choice in an enum without data",
        );
        check("enum Never {}", "an enum without variants is no structure; it has no values");
        check(
            "union Bits { x: f64, n: i64 }",
            "a union is no structure; derive for a struct, or for an enum without data",
        );
    }

    #[test]
    fn demands_on_a_parameter_are_made_of_its_expressions_too() {
        let input = syn::parse_str("struct S<T: Clone> where Vec<T>: Debug { x: T, c: Config }").expect("an item");
        let written = structure(&input).expect("a struct").to_string();
        let exprs = "< T as :: wengert :: Structure < __L >> :: Exprs";
        for bound in [
            "T : :: wengert :: Structure < __L >".to_string(),
            "T : Clone".to_string(),
            format!("{exprs} : Clone"),
            "Vec < T > : Debug".to_string(),
            format!("Vec < {exprs} > : Debug"),
            "Config : :: wengert :: Structure < __L >".to_string(),
        ] {
            assert!(written.contains(&bound), "{bound} in {written}");
        }
    }
}
