//! The generics of an implementation.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{DeriveInput, Field, GenericParam};

/// The pieces of `impl<#params> Structure<__L> for Name<…> { type Exprs = Name<#exprs>; } where #bounds`.
pub struct Bounds {
    /// Parameters without defaults, the leaf first of the types.
    pub params: TokenStream,
    /// Arguments of the type, with the expressions of each type parameter in its place.
    pub exprs: TokenStream,
    /// All bounds.
    pub bounds: TokenStream,
}

impl Bounds {
    /// The bounds for a type with these fields.
    pub fn of<'a>(input: &DeriveInput, fields: impl Iterator<Item = &'a Field>) -> Bounds {
        let generics = &input.generics;
        let types: Vec<&Ident> = generics.type_params().map(|param| &param.ident).collect();
        let own = [&input.ident];

        let lifetimes = generics.lifetimes();
        let (mut others, mut exprs, mut bounds) = (Vec::new(), Vec::new(), Vec::new());
        for param in &generics.params {
            exprs.push(match param {
                GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
                GenericParam::Const(param) => param.ident.to_token_stream(),
                GenericParam::Type(param) => expressions(&param.ident),
            });
            match param {
                GenericParam::Lifetime(_) => {}
                GenericParam::Const(param) => {
                    let (name, ty) = (&param.ident, &param.ty);
                    others.push(quote!(const #name: #ty));
                }
                GenericParam::Type(param) => {
                    let (name, demands) = (&param.ident, &param.bounds);
                    others.push(name.to_token_stream());
                    bounds.push(quote!(#name: ::wengert::Structure<__L>));
                    if !demands.is_empty() {
                        bounds.push(quote!(#name: #demands));
                    }
                }
            }
        }
        let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        bounds.extend(clauses.map(ToTokens::to_token_stream));
        let of_expressions: Vec<_> = bounds.iter().map(|bound| replaced(bound.clone(), &types)).collect();
        let twice = bounds.iter().zip(of_expressions).filter(|(bound, _)| !names(bound, &[&leaf()]));
        let of_expressions: Vec<_> =
            twice.filter(|(bound, other)| bound.to_string() != other.to_string()).map(|(_, other)| other).collect();
        bounds.extend(of_expressions);
        // A field whose type names the struct itself is a structure if the struct is.
        let fixed = fields.map(|field| field.ty.to_token_stream());
        let fixed = fixed.filter(|ty| !names(ty, &types) && !names(ty, &own));
        bounds.extend(fixed.map(|ty| quote!(#ty: ::wengert::Structure<__L>)));

        Bounds {
            params: quote!(#(#lifetimes,)* __L, #(#others),*),
            exprs: quote!(#(#exprs),*),
            bounds: quote!(#(#bounds),*),
        }
    }
}

fn leaf() -> Ident {
    Ident::new("__L", proc_macro2::Span::call_site())
}

/// What stands for a type parameter in the structure of expressions.
fn expressions(param: &Ident) -> TokenStream {
    quote!(<#param as ::wengert::Structure<__L>>::Exprs)
}

/// Whether any of these names occurs.
fn names(tokens: &TokenStream, any: &[&Ident]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => any.iter().any(|other| name == **other),
        TokenTree::Group(group) => names(&group.stream(), any),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The same with the expressions of each type parameter in its place.
fn replaced(tokens: TokenStream, types: &[&Ident]) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(name) if types.iter().any(|param| name == **param) => expressions(&name),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replaced(group.stream(), types));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => other.into(),
    };
    tokens.into_iter().map(replace).collect()
}
