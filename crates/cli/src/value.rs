//! Arguments and results of graphs as JSON: a number for a scalar, nested arrays for a tensor, an array for a tuple, an
//! object for a record, a string for a variant of an enum ([`Type::choice`]). Recursion goes over types and JSON, whose nesting is limited.

use std::collections::HashSet;
use std::fmt;

use serde_json::Value as Json;
use wengert::{Buffer, DType, Tensor, Type, Value, path};

use crate::json::{Number, Text, comma};
use crate::number::nested;
use crate::point::{named, quote};

/// Where a value is not of its type.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The place, from the whole value on.
    path: String,
    /// The type there.
    ty: Type,
    /// What is wrong with the value there.
    why: String,
}

impl Wrong {
    /// The message, for the value of a parameter.
    pub fn of(&self, name: &str) -> String {
        format!("`{name}{}` is of type {}: {}", self.path, self.ty, self.why)
    }
}

/// The value of a type; else the first place that does not fit.
pub fn read(ty: &Type, json: &Json) -> Result<Value, Wrong> {
    let wrong = |why: String| Wrong { path: String::new(), ty: ty.clone(), why };
    let whole = ty;
    let part = |at: usize, ty: &Type, json: &Json| {
        read(ty, json).map_err(|inner| Wrong { path: path::step(whole, at) + &inner.path, ..inner })
    };
    match (ty, json) {
        (Type::Tensor(t), _) => {
            let mut elements = Vec::new();
            flatten(&t.shape, json, &mut elements).map_err(wrong)?;
            let data = buffer(t.dtype, &elements).map_err(wrong)?;
            Tensor::new(t.shape.clone(), data).map(Value::Tensor).map_err(|e| wrong(e.to_string()))
        }
        (Type::Tuple(types), Json::Array(parts)) if types.len() == parts.len() => {
            let parts = types.iter().zip(parts).enumerate().map(|(at, (ty, json))| part(at, ty, json));
            parts.collect::<Result<_, _>>().map(Value::Tuple)
        }
        (Type::Tuple(types), Json::Array(parts)) => {
            Err(wrong(format!("expected an array of length {}, found one of length {}", types.len(), parts.len())))
        }
        (Type::Tuple(types), _) => {
            Err(wrong(format!("expected an array of length {}, found {}", types.len(), short(json))))
        }
        (Type::Record(fields), Json::String(variant)) if ty.as_choice() == Some(variant) => {
            Ok(Value::Record(vec![(fields[0].0.clone(), Value::Tuple(Vec::new()))]))
        }
        (Type::Record(fields), Json::Object(parts)) => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
            fields_fit(&names, parts).map_err(wrong)?;
            let parts =
                fields.iter().enumerate().map(|(at, (name, ty))| Ok((name.clone(), part(at, ty, &parts[&**name])?)));
            parts.collect::<Result<_, _>>().map(Value::Record)
        }
        (Type::Record(fields), _) => Err(wrong(match ty.as_choice() {
            Some(variant) => format!("expected \"{variant}\", found {}", short(json)),
            None => format!("expected an object of {} fields, found {}", fields.len(), short(json)),
        })),
    }
}

/// An object has these fields and no other, in any order.
fn fields_fit(names: &[&str], parts: &serde_json::Map<String, Json>) -> Result<(), String> {
    let missing = names.iter().filter(|name| !parts.contains_key(**name)).map(|name| format!("`{name}` is missing"));
    let known: HashSet<&str> = names.iter().copied().collect();
    let extra =
        parts.keys().filter(|key| !known.contains(&***key)).map(|key| format!("{} is no field of it", quote(key)));
    let wrong: Vec<String> = missing.chain(extra).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
}

/// Row-major elements of nested arrays of these extents.
fn flatten<'j>(extents: &[usize], json: &'j Json, elements: &mut Vec<&'j Json>) -> Result<(), String> {
    let Some((extent, inner)) = extents.split_first() else {
        elements.push(json);
        return Ok(());
    };
    match json {
        Json::Array(rows) if rows.len() == *extent => rows.iter().try_for_each(|row| flatten(inner, row, elements)),
        Json::Array(rows) => Err(format!("expected an array of length {extent}, found one of length {}", rows.len())),
        other => Err(format!("expected an array of length {extent}, found {}", short(other))),
    }
}

fn buffer(dtype: DType, elements: &[&Json]) -> Result<Buffer, String> {
    fn all<V>(elements: &[&Json], read: fn(&Json) -> Option<V>, what: &str) -> Result<Vec<V>, String> {
        let element = |json: &&Json| read(json).ok_or_else(|| format!("{} is not {what}", short(json)));
        elements.iter().map(element).collect()
    }
    Ok(match dtype {
        DType::F64 => Buffer::F64(all(elements, real, "a number")?),
        DType::F32 => Buffer::F32(all(elements, |json| real(json).map(|x| x as f32), "a number")?),
        DType::I64 => Buffer::I64(all(elements, Json::as_i64, "an integer of 64 bits")?),
        DType::Bool => Buffer::Bool(all(elements, Json::as_bool, "true or false")?),
    })
}

fn real(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str().and_then(named))
}

fn short(json: &Json) -> String {
    quote(&json.to_string())
}

/// A value as JSON.
pub struct Written<'a>(pub &'a Value);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Tensor(t) => nested(f, &t.shape, &mut |f, _| f.write_str(","), &mut |f, at| element(f, &t.data, at)),
            Value::Tuple(parts) => {
                f.write_str("[")?;
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{}", comma(i), Written(part))?;
                }
                f.write_str("]")
            }
            Value::Record(fields) => {
                if let [(variant, Value::Tuple(parts))] = &fields[..]
                    && parts.is_empty()
                {
                    return write!(f, "{}", Text(variant));
                }
                f.write_str("{")?;
                for (i, (name, part)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{}", comma(i), Text(name), Written(part))?;
                }
                f.write_str("}")
            }
        }
    }
}

fn element(f: &mut fmt::Formatter<'_>, data: &Buffer, at: usize) -> fmt::Result {
    match data {
        Buffer::F64(v) => write!(f, "{}", Number(v[at])),
        // The shortest text of an f32 is not that of the f64 of equal value.
        Buffer::F32(v) if v[at].is_finite() => write!(f, "{:?}", v[at]),
        Buffer::F32(v) => write!(f, "{}", Number(v[at].into())),
        Buffer::I64(v) => write!(f, "{}", v[at]),
        Buffer::Bool(v) => write!(f, "{}", v[at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: Type, text: &str) {
        let json = serde_json::from_str(text).expect("JSON");
        let value = read(&ty, &json).expect("a value of the type");
        assert_eq!(value.ty(), ty);
        assert_eq!(Written(&value).to_string(), text);
    }

    #[test]
    fn values_of_every_type_round_trip() {
        let f64s = |extents: &[usize]| Type::tensor(DType::F64, extents);
        check(Type::f64(), "2.5");
        check(Type::f64(), "\"-inf\"");
        check(f64s(&[2, 3]), "[[1.0,2.0,\"nan\"],[4.0,5.0,1e-300]]");
        check(f64s(&[2, 0]), "[[],[]]");
        check(f64s(&[0]), "[]");
        check(f64s(&[1, 1, 2]), "[[[1.0,-0.0]]]");
        check(Type::tensor(DType::F32, &[2]), "[0.1,1e30]");
        check(Type::tensor(DType::I64, &[1]), "[9007199254740993]");
        check(Type::tensor(DType::Bool, &[]), "true");
        check(Type::tuple([Type::f64(), Type::tuple([])]), "[1.0,[]]");
        check(Type::choice("Tanh"), "\"Tanh\"");
        check(Type::record([("b", Type::f64()), ("a.1", f64s(&[1]))]), "{\"b\":1.0,\"a.1\":[2.0]}");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let wrong = |ty: Type, text: &str| {
            let read = read(&ty, &serde_json::from_str(text).expect("JSON"));
            read.expect_err("a value of another type").of("x")
        };
        let check = |ty: Type, text: &str, message: &str| assert_eq!(wrong(ty, text), message);
        let matrix = || Type::tensor(DType::F64, &[2, 3]);
        let matrices = "`x` is of type f64[2,3]: expected an array of length";
        check(matrix(), "[[1,2,3]]", &format!("{matrices} 2, found one of length 1"));
        check(matrix(), "[[1,2,3],4]", &format!("{matrices} 3, found `4`"));
        check(Type::f64(), "[1]", "`x` is of type f64: `[1]` is not a number");
        check(Type::tensor(DType::I64, &[]), "1.5", "`x` is of type i64: `1.5` is not an integer of 64 bits");
        check(
            Type::tuple([Type::f64()]),
            "[]",
            "`x` is of type (f64): expected an array of length 1, found one of length 0",
        );
        check(Type::tuple([Type::f64()]), "1", "`x` is of type (f64): expected an array of length 1, found `1`");
        check(Type::choice("Tanh"), "\"Relu\"", "`x` is of type {Tanh: ()}: expected \"Tanh\", found `\"Relu\"`");
        let layer = || Type::record([("w", matrix()), ("b", Type::f64())]);
        let model = Type::record([("layers", Type::tuple([layer(), layer()]))]);
        let good = "{\"b\":1,\"w\":[[1,2,3],[4,5,6]]}";
        let second = |text: &str| wrong(model.clone(), &format!("{{\"layers\":[{good},{text}]}}"));
        assert_eq!(
            second("{\"b\":1,\"w\":[[1,2],[3,4]]}"),
            "`x.layers[1].w` is of type f64[2,3]: expected an array of length 3, found one of length 2"
        );
        let at = "`x.layers[1]` is of type {w: f64[2,3], b: f64}:";
        assert_eq!(second("{\"a\":1,\"w\":2}"), format!("{at} `b` is missing, `a` is no field of it"));
        assert_eq!(second("[]"), format!("{at} expected an object of 2 fields, found `[]`"));
    }
}
