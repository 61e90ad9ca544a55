//! The command line: every tool, every option, every default. The help texts are the reference.

use std::convert::Infallible;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use wengert::{Level, Mode};

/// Exact derivatives of formulas and graphs, to any order.
#[derive(Debug, Parser)]
#[command(name = "wengert", version, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Differentiate a formula: `wengert derive "ln(x1) + x1*x2 - sin(x2)" --at x1=2,x2=5 --order 2`
    Derive(Box<DeriveArgs>),
    /// How the derivatives of a formula grow with their order: operations, transcendental ones, cost, set-up time
    Growth(Box<GrowthArgs>),
    /// Parse and verify a graph; print nothing, or every problem
    Check(FileArgs),
    /// The gradient of one real result
    Grad(TransformArgs),
    /// Cotangents of the results to adjoints of the parameters
    Vjp(TransformArgs),
    /// Tangents of the parameters to tangents of the results
    Jvp(TransformArgs),
    /// The Hessian of one real result times a direction
    Hvp(TransformArgs),
    /// The dense Hessian of one real result
    Hessian(TransformArgs),
    /// The dense Jacobian of every result
    Jacobian(TransformArgs),
    /// Taylor coefficients of the results along a direction
    Taylor(TaylorArgs),
    /// An equal graph with fewer or cheaper nodes
    Opt(OptArgs),
    /// The results of a graph at a point
    Eval(EvalArgs),
    /// A graph as text, picture or formulas
    Show(ShowArgs),
}

// `-h` is a formula, and `-hypot(x, y)` another, so help has its long name only.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct DeriveArgs {
    /// The formula; `^` is power, `D(f, x)` a derivative inside it
    #[arg(required_unless_present = "jobs", conflicts_with = "jobs", allow_hyphen_values = true)]
    pub expr: Option<String>,
    /// A point, as NAME=VALUE,…; may be repeated. A value is a number, inf, -inf, nan, or a JSON
    /// array (nested for matrices), which makes the variable an array
    #[arg(long, value_name = "POINT", conflicts_with = "jobs", allow_hyphen_values = true)]
    pub at: Vec<String>,
    /// Read one JSON object a line and answer each with one line of JSON, in the same order (`-`: standard input). Keys:
    /// expr, at (a list of objects), order, wrt, mode, opt, exec; what a job leaves out is as given by the options
    #[arg(long, value_name = "FILE")]
    pub jobs: Option<String>,
    #[command(flatten)]
    pub method: Method,
    /// Show the derivatives as graph text, infix formulas or a picture. Values and node counts are then comments beside it
    #[arg(long, value_enum, default_value_t, conflicts_with = "jobs")]
    pub show: Show,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Compare the first derivatives with a directional central difference; exit code 1 if they disagree
    #[arg(long)]
    pub check: bool,
    /// List how long each stage of set-up took and what simplification did last, on standard error
    #[arg(long, conflicts_with = "jobs")]
    pub report: bool,
    #[command(flatten)]
    pub limits: Limits,
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct GrowthArgs {
    /// The formula; `^` is power, `D(f, x)` a derivative inside it
    #[arg(allow_hyphen_values = true)]
    pub expr: String,
    /// A point, as for `derive`; only the extents of arrays count
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    pub at: Vec<String>,
    #[command(flatten)]
    pub method: Method,
    #[command(flatten)]
    pub limits: Limits,
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
}

/// What to derive and how: options of the command line, keys of a job.
#[derive(Clone, Debug, clap::Args)]
pub struct Method {
    /// All mixed partial derivatives up to this total order
    #[arg(long, value_name = "K", default_value_t = 1, allow_negative_numbers = true)]
    pub order: usize,
    /// Differentiate by these variables, in this order [default: all, in order of first appearance]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = name)]
    pub wrt: Option<Vec<String>>,
    /// How derivatives of several orders are built
    #[arg(long, default_value = "auto", value_parser = mode())]
    pub mode: Mode,
    /// How far to simplify
    #[arg(long, default_value = "safe", value_parser = level())]
    pub opt: Level,
    /// What computes the values
    #[arg(long, value_enum, default_value_t)]
    pub exec: Exec,
}

/// Sizes beyond which a request is refused.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Highest order
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub max_order: usize,
    /// Most partial derivatives
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub max_partials: usize,
    /// Most nodes of a graph on the way
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    pub max_nodes: usize,
    /// Most elements of one partial derivative by arrays
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub max_elements: usize,
    /// Longest line of a jobs file, in bytes
    #[arg(long, value_name = "N", default_value_t = MAX_BYTES)]
    pub max_bytes: usize,
}

/// Longest graph file or line of a jobs file that is read, unless an option says otherwise.
const MAX_BYTES: usize = 1 << 28;

#[derive(Debug, clap::Args)]
pub struct FileArgs {
    /// A graph in text form (`-`: standard input)
    pub file: String,
    /// Longest file that is read, in bytes
    #[arg(long, value_name = "N", default_value_t = MAX_BYTES)]
    pub max_bytes: usize,
}

#[derive(Debug, clap::Args)]
pub struct TransformArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// Differentiate by these parameters, in this order [default: all real ones]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = name)]
    pub wrt: Option<Vec<String>>,
}

#[derive(Debug, clap::Args)]
pub struct TaylorArgs {
    #[command(flatten)]
    pub transform: TransformArgs,
    /// Highest order
    #[arg(long, value_name = "K", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=170).map(usize::from))]
    pub order: usize,
}

#[derive(Debug, clap::Args)]
pub struct OptArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// How far to simplify
    #[arg(long, default_value = "safe", value_parser = level())]
    pub opt: Level,
    /// List every step, on standard error: the rule, the formula before and after
    #[arg(long)]
    pub steps: bool,
    /// List the rules that fired, and the work before and after, on standard error
    #[arg(long)]
    pub report: bool,
}

#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// A point, as NAME=VALUE,…; may be repeated. A value is a number, inf, -inf, nan, true, false, or JSON: nested arrays
    /// for tensors, an array for a tuple, an object for a record, a string for a variant of an enum
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    pub at: Vec<String>,
    /// What computes the values
    #[arg(long, value_enum, default_value_t)]
    pub exec: Exec,
    /// How far to simplify before running
    #[arg(long, default_value = "safe", value_parser = level())]
    pub opt: Level,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Most elements of one result
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub max_elements: usize,
}

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// In which form
    #[arg(long = "as", value_enum, default_value_t)]
    pub form: Form,
}

/// Forms of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// The text form, which every tool reads
    #[default]
    Text,
    /// Graphviz
    Dot,
    /// A picture
    Svg,
    /// Infix formulas
    Math,
    /// What the compiled executor does: kernels, tiles, bytes, operations, memory
    Plan,
}

/// What else `derive` shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// Values only
    #[default]
    None,
    /// The text form of all derivatives
    Graph,
    /// Infix of each derivative
    Math,
    /// Graphviz
    Dot,
    /// A picture
    Svg,
}

/// What computes values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Exec {
    /// One plain function an op
    Reference,
    /// Planned once, then fast
    #[default]
    Compiled,
}

impl Exec {
    /// Every executor.
    pub const ALL: [Exec; 2] = [Exec::Reference, Exec::Compiled];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Exec::Reference => "reference",
            Exec::Compiled => "compiled",
        }
    }
}

/// For whom output is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// People
    #[default]
    Text,
    /// Programs
    Json,
}

/// Blanks around a name do not matter, as in a point.
fn name(text: &str) -> Result<String, Infallible> {
    Ok(text.trim().to_string())
}

fn mode() -> impl TypedValueParser<Value = Mode> {
    PossibleValuesParser::new(Mode::ALL.map(Mode::name)).try_map(|name| name.parse::<Mode>())
}

fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(Level::name)).try_map(|name| name.parse::<Level>())
}
