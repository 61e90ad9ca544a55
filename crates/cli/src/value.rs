//! Arguments and results of graphs as JSON: a number for a scalar, nested arrays for a tensor, an array for a tuple, an
//! object for a record. Recursion goes over types and JSON, whose nesting is limited.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;
use wengert::{Buffer, DType, Tensor, Type, Value};

use crate::json::{Number, Text, comma};
use crate::number::nested;
use crate::point::{named, quote};

/// The value of a type; else what is wrong.
pub fn read(ty: &Type, json: &Json) -> Result<Value, String> {
    match (ty, json) {
        (Type::Tensor(t), _) => {
            let mut elements = Vec::new();
            flatten(&t.shape, json, &mut elements)?;
            let data = buffer(t.dtype, &elements)?;
            Tensor::new(t.shape.clone(), data).map(Value::Tensor).map_err(|e| e.to_string())
        }
        (Type::Tuple(types), Json::Array(parts)) if types.len() == parts.len() => {
            let parts: Result<_, _> = types.iter().zip(parts).map(|(ty, part)| read(ty, part)).collect();
            parts.map(Value::Tuple)
        }
        (Type::Tuple(types), _) => Err(format!("expected an array of {} parts, found {}", types.len(), short(json))),
        (Type::Record(fields), Json::Object(parts)) if fields.len() == parts.len() => {
            let field = |(name, ty): &(Arc<str>, Type)| match parts.get(&**name) {
                Some(part) => Ok((name.clone(), read(ty, part)?)),
                None => Err(format!("there is no field `{name}` in {}", short(json))),
            };
            fields.iter().map(field).collect::<Result<_, _>>().map(Value::Record)
        }
        (Type::Record(_), _) => Err(format!("expected an object with the fields of {ty}, found {}", short(json))),
    }
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
        check(Type::record([("b", Type::f64()), ("a.1", f64s(&[1]))]), "{\"b\":1.0,\"a.1\":[2.0]}");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let wrong = |ty: Type, text: &str| {
            read(&ty, &serde_json::from_str(text).expect("JSON")).expect_err("a value of another type")
        };
        let matrix = || Type::tensor(DType::F64, &[2, 3]);
        assert_eq!(wrong(matrix(), "[[1,2,3]]"), "expected an array of length 2, found one of length 1");
        assert_eq!(wrong(matrix(), "[[1,2,3],4]"), "expected an array of length 3, found `4`");
        assert_eq!(wrong(Type::f64(), "[1]"), "`[1]` is not a number");
        assert_eq!(wrong(Type::tensor(DType::I64, &[]), "1.5"), "`1.5` is not an integer of 64 bits");
        assert_eq!(wrong(Type::tuple([Type::f64()]), "[]"), "expected an array of 1 parts, found `[]`");
        assert_eq!(wrong(Type::record([("a", Type::f64())]), "{\"b\":1}"), "there is no field `a` in `{\"b\":1}`");
    }
}
