//! How each op enters a program: on operands made to fit, so that values stay finite and points of no smoothness are rare.

use std::sync::Arc;

use graph_core::op::{
    Axes, BroadcastSpec, Compare, ConvSpec, CumulateSpec, DotSpec, GatherSpec, Integer, IotaSpec, Linalg, Nth, Op,
    OutOfRange, PadSpec, Reduce, ReduceWindow, Scatter, SliceSpec, Slide, Triangle, Unary, WindowSpec,
};
use graph_core::{Buffer, DType, Function, Graph, Literal, NodeId, Opcode, Shape};

use super::Dice;
use super::maker::{MOST_ELEMENTS, Maker};

impl Maker {
    /// A real tensor made from x by this op.
    pub fn apply(&mut self, op: Opcode, x: NodeId, dice: &mut Dice) -> NodeId {
        match op {
            Opcode::Param => self.g.neg(x),
            Opcode::Const => self.shifted(x),
            Opcode::Iota => self.counted(x, dice),
            Opcode::Unary(op) => {
                let mut x = self.inside(x, op.domain());
                if op == Unary::StopGradient {
                    // Differences see what derivatives are not to see.
                    x = self.g.unary(Unary::Floor, x);
                }
                self.g.unary(op, x)
            }
            Opcode::Nth(op) => {
                let x = self.inside(x, op.domain());
                let n = if op == Nth::Powi { dice.roll(8) as i32 - 2 } else { dice.roll(3) as i32 };
                self.g.nth(op, n, x)
            }
            Opcode::Binary(op) => {
                let [of_x, of_y] = op.domain();
                let y = self.partner(x, dice);
                let (x, y) = (self.inside(x, of_x), self.inside(y, of_y));
                self.g.binary(op, x, y)
            }
            Opcode::Compare(compare) => {
                let mask = self.compared(compare, x, dice);
                let one = self.g.cast(DType::F64, mask);
                self.g.mul(one, x)
            }
            Opcode::Logic(logic) => {
                let (a, b) = (self.compared(Compare::Lt, x, dice), self.compared(Compare::Ge, x, dice));
                let mask = self.g.node(Op::Logic(logic), &[a, b][..logic.arity()]);
                let sine = self.g.unary(Unary::Sin, x);
                self.g.select(mask, sine, x)
            }
            Opcode::Integer(integer) => self.stepped(integer, x, dice),
            Opcode::Test(test) => {
                let mask = self.g.node(Op::Test(test), &[x]);
                let sine = self.g.unary(Unary::Sin, x);
                self.g.select(mask, sine, x)
            }
            Opcode::Bitcast => {
                let bits = self.g.node(Op::Bitcast(DType::I64), &[x]);
                let places = self.g.splat_like(60.0, bits);
                let sign = self.g.node(Op::Integer(Integer::ShiftRight), &[bits, places]);
                self.times_integer(x, sign)
            }
            Opcode::Select => {
                let mask = self.compared(Compare::Gt, x, dice);
                let partner = self.partner(x, dice);
                let root = self.g.unary(Unary::Sqrt, x);
                let either = self.g.select(mask, x, partner);
                let positive = self.g.splat_like(0.2, x);
                let is_positive = self.g.compare(Compare::Gt, x, positive);
                self.g.select(is_positive, root, either)
            }
            Opcode::Cast => {
                let three = self.g.splat_like(3.0, x);
                let scaled = self.g.mul(x, three);
                let integers = self.g.cast(DType::I64, scaled);
                self.times_integer(x, integers)
            }
            Opcode::Broadcast => self.repeated(x, dice),
            Opcode::Reshape => {
                let shape = g_shape(&self.g, x);
                let flat = Shape::new(&[shape.elements(), 1]);
                self.g.reshape(x, &flat)
            }
            Opcode::Permute => {
                let rank = g_shape(&self.g, x).rank();
                let turn = dice.roll(rank);
                self.g.permute(x, &(0..rank).map(|axis| (axis + turn) % rank).collect())
            }
            Opcode::Slice => self.window(x, dice),
            Opcode::Pad => self.padded(x, dice),
            Opcode::Concat => self.joined(x, dice),
            Opcode::Reverse => {
                let rank = g_shape(&self.g, x).rank();
                let axes = (0..rank).filter(|_| dice.roll(2) == 1).collect();
                self.g.reverse(x, &axes)
            }
            Opcode::Gather => self.gathered(x, dice),
            Opcode::Scatter(op) => self.scattered(op, x, dice),
            Opcode::Reduce(op) => self.reduced(op, x, dice),
            Opcode::Cumulate(op) => match self.axis(x, dice) {
                Some(axis) => {
                    let spec = self.g.intern_cumulate(CumulateSpec { axis, reverse: dice.roll(2) == 1 });
                    let x = self.squashed(x, 0.2, 1.0);
                    self.g.node(Op::Cumulate(op, spec), &[x])
                }
                None => self.g.unary(Unary::Cos, x),
            },
            Opcode::Sort => match self.axis(x, dice) {
                Some(axis) => {
                    let partner = self.partner(x, dice);
                    let sorted = self.g.sort(&[x, partner], axis, dice.roll(2) == 1);
                    let part = dice.roll(2);
                    self.g.get(sorted, part)
                }
                None => self.g.unary(Unary::Sin, x),
            },
            Opcode::Dot => self.contracted(x, dice),
            Opcode::Conv => self.convolved(x, dice),
            Opcode::ReduceWindow(op) => self.pooled(op, x, dice),
            Opcode::Linalg(op) => self.factored(op, x, dice),
            Opcode::TriangularSolve => {
                let (a, b) = (self.matrix(x, true), self.matrix(x, false));
                let bits = dice.roll(8);
                let triangle = Triangle { upper: bits & 1 > 0, transposed: bits & 2 > 0, unit: bits & 4 > 0 };
                self.g.triangular_solve(a, b, triangle)
            }
            Opcode::Tuple | Opcode::Record | Opcode::Get => self.structured(op, x, dice),
            Opcode::Call => self.called(x, dice),
        }
    }

    fn shifted(&mut self, x: NodeId) -> NodeId {
        let shape = g_shape(&self.g, x);
        let elements = (0..shape.elements()).map(|i| 1.0 - (i as f64 * 0.618).fract()).collect();
        let literal = Literal::dense(Buffer::F64(elements), shape).expect("as many as the shape has");
        let shift = self.g.literal_node(literal);
        self.g.add(x, shift)
    }

    fn counted(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let Some(axis) = self.axis(x, dice) else { return self.g.neg(x) };
        let spec = IotaSpec { dtype: DType::F64, shape: g_shape(&self.g, x), axis };
        let spec = self.g.intern_iota(spec);
        let numbers = self.g.node(Op::Iota(spec), &[]);
        let small = self.squashed(x, 0.0, 0.5);
        self.g.mul(small, numbers)
    }

    fn axis(&self, x: NodeId, dice: &mut Dice) -> Option<usize> {
        let rank = g_shape(&self.g, x).rank();
        (rank > 0).then(|| dice.roll(rank))
    }

    fn compared(&mut self, compare: Compare, x: NodeId, dice: &mut Dice) -> NodeId {
        let partner = self.partner(x, dice);
        self.g.compare(compare, x, partner)
    }

    /// x·tanh(n/8)
    fn times_integer(&mut self, x: NodeId, n: NodeId) -> NodeId {
        let real = self.g.cast(DType::F64, n);
        let eighth = self.g.splat_like(0.125, real);
        let small = self.g.mul(real, eighth);
        let small = self.g.unary(Unary::Tanh, small);
        self.g.mul(x, small)
    }

    fn stepped(&mut self, op: Integer, x: NodeId, dice: &mut Dice) -> NodeId {
        let five = self.g.splat_like(5.0, x);
        let scaled = self.g.mul(x, five);
        let left = self.g.cast(DType::I64, scaled);
        let right = self.g.splat_like(dice.roll(4) as f64, left);
        let n = self.g.node(Op::Integer(op), &[left, right][..op.arity()]);
        self.times_integer(x, n)
    }

    fn repeated(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let shape = g_shape(&self.g, x);
        if shape.elements() * 2 > MOST_ELEMENTS || shape.rank() > 3 {
            return self.g.unary(Unary::Cos, x);
        }
        let at = dice.roll(shape.rank() + 1);
        let mut larger = shape.to_vec();
        larger.insert(at, 1 + dice.roll(2));
        let axes: Axes = (0..larger.len()).filter(|&axis| axis != at).collect();
        let spec = self.g.intern_broadcast(BroadcastSpec { shape: Shape::new(&larger), axes });
        self.g.node(Op::Broadcast(spec), &[x])
    }

    fn window(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let limit = g_shape(&self.g, x);
        let start = limit.iter().map(|&n| usize::from(n > 1 && dice.roll(2) == 1)).collect();
        let stride = limit.iter().map(|_| 1 + dice.roll(2)).collect();
        let spec = self.g.intern_slice(SliceSpec { start, limit, stride });
        self.g.node(Op::Slice(spec), &[x])
    }

    fn padded(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let shape = g_shape(&self.g, x);
        if shape.elements() > 12 {
            return self.g.neg(x);
        }
        let each = |most: usize, dice: &mut Dice| -> Shape { shape.iter().map(|_| dice.roll(most + 1)).collect() };
        let spec = PadSpec { low: each(1, dice), high: each(1, dice), interior: each(1, dice) };
        let all = (0..shape.rank()).collect();
        let sine = self.g.unary(Unary::Sin, x);
        let fill = self.g.reduce(Reduce::Sum, sine, &all);
        self.g.pad(x, fill, spec)
    }

    fn joined(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let Some(axis) = self.axis(x, dice) else { return self.g.unary(Unary::Sin, x) };
        let partner = self.partner(x, dice);
        self.g.concat(&[x, partner], axis)
    }

    fn integers(&mut self, elements: Vec<i64>, shape: &Shape) -> NodeId {
        let literal = Literal::dense(Buffer::I64(elements), shape.clone()).expect("as many as the shape has");
        self.g.literal_node(literal)
    }

    /// Three indices into the first axis, of which one may be out of range, and what windows they choose.
    fn rows(&mut self, x: NodeId, dice: &mut Dice) -> Option<(NodeId, GatherSpec)> {
        let shape = g_shape(&self.g, x);
        let extent = *shape.first()?;
        if extent == 0 {
            return None;
        }
        let out = [OutOfRange::Error, OutOfRange::Clamp, OutOfRange::Skip][dice.roll(3)];
        let beyond = usize::from(out != OutOfRange::Error);
        let indices = (0..3).map(|_| dice.roll(extent + beyond) as i64).collect();
        let indices = self.integers(indices, &Shape::new(&[3]));
        Some((indices, GatherSpec { out, ..GatherSpec::take(&shape, 0, 1) }))
    }

    fn gathered(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let Some((indices, spec)) = self.rows(x, dice) else { return self.g.neg(x) };
        let spec = self.g.intern_gather(spec);
        self.g.node(Op::Gather(spec), &[x, indices])
    }

    fn scattered(&mut self, op: Scatter, x: NodeId, dice: &mut Dice) -> NodeId {
        let Some((indices, spec)) = self.rows(x, dice) else { return self.g.neg(x) };
        let spec = self.g.intern_gather(spec);
        let windows = self.g.node(Op::Gather(spec), &[x, indices]);
        let updates = self.squashed(windows, 0.3, 1.0);
        self.g.node(Op::Scatter(op, spec), &[x, indices, updates])
    }

    fn reduced(&mut self, op: Reduce, x: NodeId, dice: &mut Dice) -> NodeId {
        let shape = g_shape(&self.g, x);
        let axes: Axes = (0..shape.rank()).filter(|_| dice.roll(2) == 1).collect();
        if matches!(op, Reduce::Max | Reduce::Min) && axes.iter().any(|&axis| shape[axis] == 0) {
            return self.g.neg(x);
        }
        if !op.is_logical() {
            let bounded = self.squashed(x, 0.2, 1.0);
            return self.g.reduce(op, bounded, &axes);
        }
        let zero = self.g.splat_like(0.0, x);
        let positive = self.g.compare(Compare::Gt, x, zero);
        let mask = self.g.reduce(op, positive, &axes);
        let sine = self.g.unary(Unary::Sin, x);
        let [a, b] = [sine, x].map(|t| self.g.reduce(Reduce::Sum, t, &axes));
        self.g.select(mask, a, b)
    }

    fn contracted(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let rank = g_shape(&self.g, x).rank();
        let partner = self.partner(x, dice);
        let (x, y) = (self.squashed(x, 0.0, 1.0), self.squashed(partner, 0.1, 1.0));
        let roles: Vec<usize> = (0..rank).map(|_| dice.roll(3)).collect();
        let of = |role: usize| -> Axes { (0..rank).filter(|&axis| roles[axis] == role).collect() };
        let free: usize = of(2).iter().map(|&axis| g_shape(&self.g, x)[axis]).product();
        let elements = g_shape(&self.g, x).elements();
        let (over, batch) =
            if elements * free > MOST_ELEMENTS { ((0..rank).collect(), Axes::default()) } else { (of(0), of(1)) };
        self.g.dot(x, y, DotSpec { lhs: over.clone(), rhs: over, lhs_batch: batch.clone(), rhs_batch: batch })
    }

    fn convolved(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let n = g_shape(&self.g, x).elements();
        let bounded = self.squashed(x, 0.0, 1.0);
        let base = self.g.reshape(bounded, &Shape::new(&[1, 1, n]));
        let taps = n.min(2);
        let kernel = self.g.slice(base, &Shape::new(&[0; 3]), &Shape::new(&[1, 1, taps]), &Shape::new(&[1; 3]));
        self.g.conv(base, kernel, ConvSpec::new([slide(dice)]))
    }

    fn pooled(&mut self, op: ReduceWindow, x: NodeId, dice: &mut Dice) -> NodeId {
        let rank = g_shape(&self.g, x).rank();
        let bounded = self.squashed(x, 0.2, 1.0);
        let window = (0..rank).map(|_| 1 + dice.roll(3)).collect();
        // A largest of nothing is −∞: every window meets an element.
        let slides = (0..rank).map(|_| Slide { stride: 1 + dice.roll(2), ..Slide::default() }).collect();
        self.g.reduce_window(op, bounded, WindowSpec { window, slides })
    }

    /// Two by two, from the elements of x; regular, with a dominant diagonal, if that is needed.
    fn matrix(&mut self, x: NodeId, regular: bool) -> NodeId {
        let n = g_shape(&self.g, x).elements();
        let bounded = self.squashed(x, 0.1, 0.6);
        let flat = self.g.reshape(bounded, &Shape::new(&[n]));
        let zero = self.g.scalar(0.3);
        let one = |k: usize| Shape::new(&[k]);
        let long = self.g.pad(flat, zero, PadSpec { low: one(0), high: one(4), interior: one(0) });
        let four = self.g.slice(long, &one(0), &one(4), &one(1));
        let matrix = self.g.reshape(four, &Shape::new(&[2, 2]));
        if !regular {
            return matrix;
        }
        let diagonal = Literal::dense(Buffer::F64(vec![2.0, 0.0, 0.0, 4.0]), Shape::new(&[2, 2]));
        let diagonal = self.g.literal_node(diagonal.expect("four elements"));
        self.g.add(matrix, diagonal)
    }

    fn factored(&mut self, op: Linalg, x: NodeId, dice: &mut Dice) -> NodeId {
        let a = self.matrix(x, op != Linalg::Expm);
        let y = if op == Linalg::Solve {
            let b = self.matrix(x, false);
            self.g.linalg(op, &[a, b])
        } else {
            self.g.linalg(op, &[a])
        };
        match self.g.ty(y).parts() {
            0 => y,
            parts => {
                let part = dice.roll(parts);
                let part = if op == Linalg::Lu { 0 } else { part };
                self.g.get(y, part)
            }
        }
    }

    fn structured(&mut self, op: Opcode, x: NodeId, dice: &mut Dice) -> NodeId {
        let parts = [x, self.partner(x, dice)];
        let built = match op {
            Opcode::Record => {
                let names = self.g.intern_fields(["p".into(), "q".into()].into());
                self.g.node(Op::Record(names), &parts)
            }
            _ => self.g.node(Op::Tuple, &parts),
        };
        let [a, b] = [0, 1].map(|part| self.g.node(Op::Get(part), &[built]));
        let bounded = self.squashed(b, 0.0, 1.0);
        self.g.mul(a, bounded)
    }

    /// A function of one tensor, called twice; or one that calls it. Different functions have different names, because the
    /// text tells those of one name apart by a number.
    fn called(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let ty = self.g.ty(x).clone();
        let function = |name: &str, build: &dyn Fn(&mut Graph, NodeId) -> NodeId| {
            let mut body = Graph::new();
            let a = body.param("a", ty.clone()).expect("a fresh name");
            let y = build(&mut body, a);
            let extents: String = ty.leaves()[0].shape.iter().map(|n| format!("_{n}")).collect();
            Arc::new(Function::new(&format!("{name}{extents}"), &body, &[y]).expect("a small function"))
        };
        let inner = function("inner", &|g, a| {
            let (sine, tanh) = (g.unary(Unary::Sin, a), g.unary(Unary::Tanh, a));
            g.mul(sine, tanh)
        });
        let outer = function("outer", &|g, a| {
            let id = g.add_function(&inner);
            let once = g.node(Op::Call(id), &[a]);
            let twice = g.node(Op::Call(id), &[once]);
            g.add(a, twice)
        });
        let id = self.g.add_function(if dice.roll(2) == 0 { &inner } else { &outer });
        let once = self.g.node(Op::Call(id), &[x]);
        self.g.node(Op::Call(id), &[once])
    }
}

fn g_shape(g: &Graph, x: NodeId) -> Shape {
    g.shape(x).clone()
}

fn slide(dice: &mut Dice) -> Slide {
    Slide {
        stride: 1 + dice.roll(2),
        low: dice.roll(3) as i64 - 1,
        high: dice.roll(3) as i64 - 1,
        base_dilation: 1 + dice.roll(2),
        window_dilation: 1 + dice.roll(2),
    }
}
