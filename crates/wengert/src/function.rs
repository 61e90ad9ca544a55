//! Closed functions: traced from a closure, parsed from text, or cut from a graph. What is made of them is functions
//! again: derivatives in `transforms`, derivatives of a function's own in `rules`.

mod rules;
mod transforms;
mod wrt;

use std::panic::Location;
use std::sync::Arc;

use graph_core::op::Op;
use graph_core::{Type, text};
use interp::Value;
use opt::{Level, Report};

use crate::error::Error;
use crate::expr::{Expr, Repr, build, make};
use crate::graph::Graph;
use crate::program::Program;
use crate::structure::{self, Arguments, Structure, Tree};

pub use rules::{Checkpoint, Keep};
pub(crate) use transforms::at_line;
pub use wrt::Wrt;

/// A closed function with named parameters: immutable, cheap to clone, `Send + Sync`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function(Arc<graph_core::Function>);

impl From<Arc<graph_core::Function>> for Function {
    fn from(core: Arc<graph_core::Function>) -> Function {
        Function(core)
    }
}

impl Function {
    /// Traces a closure: it is called once, with expressions for the parameters in `specs`.
    ///
    /// # Errors
    /// The first mistake that the closure makes, with its line.
    #[track_caller]
    pub fn new<R: Structure<Expr>>(
        name: &str,
        specs: &[(&str, Type)],
        body: impl FnOnce(&[Expr]) -> R,
    ) -> Result<Function, Error> {
        let g = Graph::new();
        let mut args = Vec::with_capacity(specs.len());
        for (name, ty) in specs {
            args.push(g.param(name, ty.clone()));
        }
        let results = body(&args);
        g.function(name, results)
    }

    /// Traces a closure on structures like `args`, from which only types are taken: one parameter for each, of record or
    /// tuple type, and one result with the structure that the closure returns. [`Program::call`] runs it on structures;
    /// see [`trait@Structure`] for an example.
    ///
    /// # Errors
    /// The first mistake that the closure makes, with its line; a structure too large or too deep for a type.
    #[track_caller]
    pub fn of<const N: usize, A: Arguments<N>, R: Structure<Expr>>(
        name: &str,
        names: [&str; N],
        args: A,
        body: impl FnOnce(A::Exprs) -> R,
    ) -> Result<Function, Error> {
        let site = Location::caller();
        let g = Graph::new();
        let mut parts = Vec::with_capacity(N);
        for (name, tree) in names.into_iter().zip(args.to_trees()) {
            let param = g.param(name, Value::from(tree).ty());
            parts.push(structure::split(param));
        }
        g.sound(site)?;
        let misfit = |misfit| Error::Structure { misfit, site: Some(site) };
        let results = body(A::Exprs::from_tree(Tree::Tuple(parts)).map_err(misfit)?);
        let result = structure::pack_in(g.id, results.to_tree(), site)?;
        g.function(name, Expr::node(g.id, result))
    }

    /// Reads the text form. The last function of the text is the result, those before it may be called.
    ///
    /// # Errors
    /// The place of the mistake, with what was expected.
    pub fn parse(source: &str) -> Result<Function, Error> {
        Ok(Function(text::parse(source)?))
    }

    /// As [`Function::parse`], with every mistake of the text that does not follow from another, at most
    /// [`text::MOST_MISTAKES`], or else every violation of the invariants of graphs.
    ///
    /// ```
    /// use wengert::Function;
    ///
    /// let text = "graph @f(%x: f64) -> f64 { %0 = mul %x, %y : f64 %1 = sinn %0 : f64 %2 = exp %1 : f64 return %2 }";
    /// let mistakes = Function::check(text).unwrap_err();
    /// let messages: Vec<String> = mistakes.iter().map(|e| e.to_string()).collect();
    /// assert!(messages[0].contains("unknown value %y") && messages[1].contains("unknown op `sinn`"));
    /// assert_eq!(messages.len(), 2, "the others follow");
    /// ```
    ///
    /// # Errors
    /// The mistakes.
    pub fn check(source: &str) -> Result<Function, Vec<Error>> {
        let read = text::check(source);
        let f = Function(
            read.map_err(|all| all.into_iter().map(|e| graph_core::Error::from(e).into()).collect::<Vec<_>>())?,
        );
        f.verify().map_err(|violations| vec![violations])?;
        Ok(f)
    }

    /// The text form: parses back to an equal function.
    pub fn text(&self) -> String {
        text::print(&self.0)
    }

    /// The graph behind it, for the other crates of the engine.
    pub fn core(&self) -> &Arc<graph_core::Function> {
        &self.0
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Number of nodes, parameters included.
    pub fn nodes(&self) -> usize {
        self.0.graph().len()
    }

    /// The rules that fire where it is simplified, in order, each with the formula before and after.
    pub fn steps(&self, level: Level) -> Vec<opt::Step> {
        opt::steps(&self.0, level)
    }

    /// What is left to compute after each stage of its optimisation, and how long each took.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::f64())], |v| v[0].sin() * v[0] + v[0].sin() * 2.0)?;
    /// let stages = f.stages(wengert::Level::Safe);
    /// assert_eq!((stages[0].name, stages[0].work.operations), ("given", 4));
    /// assert_eq!((stages[1].name, stages[1].work.transcendental), ("rules", 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn stages(&self, level: Level) -> Vec<opt::Stage> {
        opt::stages(&self.0, level)
    }

    /// What it computes: operations, transcendental ones among them, and their cost by the optimiser's measure.
    pub fn work(&self) -> opt::Work {
        opt::work_of(self.0.graph(), self.0.results())
    }

    /// Every violation of the invariants of graphs, or nothing.
    ///
    /// # Errors
    /// All violations, each at a printed node.
    pub fn verify(&self) -> Result<(), Error> {
        Ok(graph_core::verify(self.0.graph())?)
    }

    /// Applies it: a node that calls it. Several results come as a tuple. At least one argument belongs to a graph.
    /// A structure goes in by [`structure::pack`] and comes out by [`structure::unpack`].
    #[track_caller]
    pub fn call(&self, args: &[Expr]) -> Expr {
        let site = Location::caller();
        let Some(first) = args.iter().copied().find(|x| x.graph_id().is_some()) else {
            return args.iter().copied().find(|x| x.is_stray()).unwrap_or(Expr::of(Repr::Stray(site)));
        };
        let mut nodes = Vec::with_capacity(args.len());
        for &x in args {
            let placed = build([first, x], |[_, x]| x, |_, [_, x], _| Ok(x));
            let Repr::Node(_, node) = placed.repr else { return placed };
            nodes.push(node);
        }
        build(
            [first],
            |[x]| x,
            |core, _, _| {
                let f = core.add_function(&self.0);
                make(core, Op::Call(f), &nodes, site)
            },
        )
    }

    /// Positions of the parameters that hold real numbers: those that one can differentiate by.
    pub fn real_params(&self) -> Vec<usize> {
        autodiff::function::real_params(&self.0)
    }

    /// The position of the parameter of this name.
    ///
    /// # Errors
    /// [`Error::NoParameter`], with the names that there are.
    pub fn position(&self, name: &str) -> Result<usize, Error> {
        let found = self.0.params().iter().position(|p| &*p.name == name);
        found.ok_or_else(|| Error::NoParameter {
            name: name.to_string(),
            known: self.0.params().iter().map(|p| p.name.to_string()).collect(),
        })
    }

    /// An equal function with fewer or cheaper nodes, and what was done.
    pub fn optimize(&self, level: Level) -> (Function, Report) {
        let (core, report) = opt::optimize(&self.0, level);
        (core.into(), report)
    }

    /// Optimises at the default level and plans.
    ///
    /// # Errors
    /// If the plan needs more memory than the limit.
    pub fn compile(&self) -> Result<Program, Error> {
        self.compile_at(Level::default())
    }

    /// Optimises at a level and plans.
    ///
    /// # Errors
    /// If the plan needs more memory than the limit.
    pub fn compile_at(&self, level: Level) -> Result<Program, Error> {
        Program::new(self.optimize(level).0.core())
    }

    /// As [`Function::compile`], for a run that may take so many bytes and no more; nothing is allocated to find out.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[1000, 1]))], |v| v[0].matmul(v[0].transpose()))?;
    /// assert_eq!(f.compile()?.peak_bytes(), 8 * (1000 + 1000 * 1000));
    /// assert_eq!(f.compile_within(1 << 20).unwrap_err().code(), "memory");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// If the plan needs more, or more than the limit of every program.
    pub fn compile_within(&self, max_bytes: usize) -> Result<Program, Error> {
        Program::within(self.optimize(Level::default()).0.core(), max_bytes)
    }

    /// Its results, by the reference evaluator.
    ///
    /// # Errors
    /// Arguments that do not fit the parameters.
    pub fn eval(&self, args: &[Value]) -> Result<Vec<Value>, Error> {
        Ok(interp::evaluate(&self.0, args)?)
    }

    /// One real number at a point of named scalars, by the reference evaluator. A parameter that is not used needs no
    /// value.
    pub(crate) fn eval_scalar(&self, point: &[(&str, f64)]) -> Result<f64, Error> {
        let used = graph_core::walk::use_counts(self.0.graph());
        let mut args = Vec::new();
        let mut missing = Vec::new();
        for (index, param) in self.0.params().iter().enumerate() {
            let given = point.iter().find(|(name, _)| *name == &*param.name);
            let unused = used[param.node] == 0 && !self.0.results().contains(&param.node);
            match given {
                Some((_, value)) => args.push(Value::from(*value)),
                None if unused => args.push(zero(self.0.param_type(index))),
                None => missing.push(format!("`{}`", param.name)),
            }
        }
        if !missing.is_empty() {
            return Err(Error::NoValue { names: missing });
        }
        let results = self.eval(&args)?;
        match &results[..] {
            [only] => only.as_scalar().ok_or(Error::Count {
                what: "numbers in the result",
                expected: 1,
                found: only.leaves().len(),
            }),
            many => Err(Error::Count { what: "results", expected: 1, found: many.len() }),
        }
    }

    /// This function as a graph under construction, with its parameters and results as expressions.
    pub fn open(&self) -> (Graph, Vec<Expr>, Vec<Expr>) {
        let g = Graph::from_core(self.0.graph().clone());
        let params = self.0.params().iter().map(|p| Expr::node(g.id, p.node)).collect();
        let results = self.0.results().iter().map(|&y| Expr::node(g.id, y)).collect();
        (g, params, results)
    }
}

/// A value of a type for a parameter whose value does not matter.
fn zero(ty: &Type) -> Value {
    let tensor = |t: &graph_core::TensorType| {
        let zeros = std::iter::repeat_n(graph_core::Scalar::F64(0.0), t.shape.elements());
        let data = graph_core::Buffer::collect(t.dtype, zeros);
        interp::Tensor::new(t.shape.clone(), data).expect("as many elements as the shape has")
    };
    let mut leaves = ty.leaves().into_iter().map(tensor);
    Value::from_leaves(ty, &mut leaves).expect("one tensor for each leaf")
}
