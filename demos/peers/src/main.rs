//! `bench-peer <workload> <size>`: one contestant of a side-by-side comparison with other engines.
//!
//! It loads the inputs that all contestants share (`$ADDATA/<workload>_<size>/<name>.f64`), sets up, prints one line of JSON,
//! and answers lines on standard input: `burst FN SECONDS`, `out FN PATH`, `mem`, `quit`. Every workload is written as a
//! user of the library would write it.

mod data;
mod workloads;

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::json;

use workloads::Case;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [workload, size] = &args[..] else {
        eprintln!("usage: bench-peer WORKLOAD SIZE; the workloads are {}", workloads::NAMES.join(", "));
        return ExitCode::from(2);
    };
    match serve(workload, size) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn serve(workload: &str, size: &str) -> Result<(), Box<dyn std::error::Error>> {
    let case = workloads::case(workload, size)?;
    let names: Vec<&str> = case.calls.iter().map(|call| call.name).collect();
    let mut out = io::stdout().lock();
    let ready = json!({
        "ready": 1, "build_s": case.build.as_secs_f64(), "compile_s": case.compile.as_secs_f64(), "fns": names,
        "rss_mb": memory("VmRSS"), "info": {"nodes": case.nodes},
    });
    writeln!(out, "{ready}")?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["burst", name, seconds] => burst(&case, name, seconds.parse()?)?,
            ["out", name, path] => write(&case, name, path)?,
            ["mem"] => json!({"peak_mb": memory("VmHWM")}),
            ["quit"] => return Ok(()),
            _ => return Err(format!("`{line}` is no request").into()),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// The least and the median of seconds for a call, over about so many seconds; short calls in groups.
fn burst(case: &Case, name: &str, seconds: f64) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let call = case.call(name)?;
    let start = Instant::now();
    call.run()?;
    let group = (50e-6 / start.elapsed().as_secs_f64().max(1e-9)).max(1.0) as usize;
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut times = Vec::new();
    while times.is_empty() || Instant::now() < end && times.len() < 100_000 {
        let start = Instant::now();
        for _ in 0..group {
            call.run()?;
        }
        times.push(start.elapsed().as_secs_f64() / group as f64);
    }
    times.sort_by(f64::total_cmp);
    Ok(json!({"min": times[0], "med": times[times.len() / 2], "n": times.len() * group}))
}

fn write(case: &Case, name: &str, path: &str) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let call = case.call(name)?;
    call.run()?;
    let values = call.output();
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(path, bytes)?;
    Ok(json!({"len": values.len()}))
}

/// Megabytes, where the system tells.
fn memory(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|n| n.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
