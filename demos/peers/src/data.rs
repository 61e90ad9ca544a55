//! The inputs that all contestants share: raw doubles in a folder, their shapes in `meta.json`.

use std::collections::HashMap;
use std::path::Path;

/// Arrays by name: shape and elements.
pub struct Inputs(HashMap<String, (Vec<usize>, Vec<f64>)>);

impl Inputs {
    /// Those of a workload and a size, from the folder that `$ADDATA` names.
    ///
    /// # Errors
    /// No such folder, which a Python peer makes when it starts; files that do not fit their shapes.
    pub fn load(workload: &str, size: &str) -> Result<Inputs, Box<dyn std::error::Error>> {
        let root = std::env::var("ADDATA").map_err(|_| "set ADDATA to the folder of inputs")?;
        let folder = Path::new(&root).join(format!("{workload}_{size}"));
        let read =
            |name: &str| std::fs::read(folder.join(name)).map_err(|e| format!("{}/{name}: {e}", folder.display()));
        let meta: HashMap<String, Vec<usize>> = serde_json::from_slice(&read("meta.json")?)?;
        let mut all = HashMap::new();
        for (name, shape) in meta {
            let bytes = read(&format!("{name}.f64"))?;
            let elements: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|eight| f64::from_le_bytes(*eight)).collect();
            if elements.len() != shape.iter().product::<usize>() {
                return Err(format!("{name}: {} elements for the shape {shape:?}", elements.len()).into());
            }
            all.insert(name, (shape, elements));
        }
        Ok(Inputs(all))
    }

    /// The elements of an array.
    pub fn array(&self, name: &str) -> Result<&[f64], String> {
        self.0.get(name).map(|(_, elements)| &elements[..]).ok_or_else(|| format!("no input `{name}`"))
    }

    /// The elements of several arrays, one after the other.
    pub fn arrays(&self, names: &[&str]) -> Result<Vec<f64>, String> {
        let parts = names.iter().map(|name| self.array(name)).collect::<Result<Vec<_>, _>>()?;
        Ok(parts.concat())
    }

    /// The shape of an array.
    pub fn shape(&self, name: &str) -> Result<&[usize], String> {
        self.0.get(name).map(|(shape, _)| &shape[..]).ok_or_else(|| format!("no input `{name}`"))
    }
}
