//! One text for each op there is. A new op does not compile until it has one here.

use graph_core::Opcode;
use graph_core::op::Linalg;

/// A callee, for the samples that need one.
const CALLEE: &str = "graph @sq(%x: f64) -> f64 {\n  %0 = mul %x, %x : f64\n  return %0\n}\n\n";

/// A function whose body uses this op.
pub fn sample(code: Opcode) -> String {
    match code {
        Opcode::Param => body("%x: f64[2,3], %unused: (i64, bool)", "f64[2,3]", &[], "%x"),
        Opcode::Const => body("", "f64[2,3]", &["%0 = const [[1.0, -0.0, inf], [-inf, nan, 1e-300]] : f64[2,3]"], "%0"),
        Opcode::Iota => body("", "i64[2,3]", &["%0 = iota {axis=1} : i64[2,3]"], "%0"),
        Opcode::Unary(op) => body("%x: f64[2]", "f64[2]", &[&format!("%0 = {} %x : f64[2]", op.name())], "%0"),
        Opcode::Nth(op) => body("%x: f32[2]", "f32[2]", &[&format!("%0 = {} %x {{n=3}} : f32[2]", op.name())], "%0"),
        Opcode::Binary(op) => {
            body("%x: f64[2], %y: f64[2]", "f64[2]", &[&format!("%0 = {} %x, %y : f64[2]", op.name())], "%0")
        }
        Opcode::Compare(op) => {
            body("%x: i64[2], %y: i64[2]", "bool[2]", &[&format!("%0 = {} %x, %y : bool[2]", op.name())], "%0")
        }
        Opcode::Logic(op) => {
            let operands = ["%a, %b", "%a"][2 - op.arity()];
            body("%a: bool[2], %b: bool[2]", "bool[2]", &[&format!("%0 = {} {operands} : bool[2]", op.name())], "%0")
        }
        Opcode::Integer(op) => {
            let operands = ["%x, %y", "%x"][2 - op.arity()];
            body("%x: i64[2], %y: i64[2]", "i64[2]", &[&format!("%0 = {} {operands} : i64[2]", op.name())], "%0")
        }
        Opcode::Test(op) => body("%x: f32[2]", "bool[2]", &[&format!("%0 = {} %x : bool[2]", op.name())], "%0"),
        Opcode::Bitcast => body("%x: f64[2,3]", "i64[2,3]", &["%0 = bitcast %x : i64[2,3]"], "%0"),
        Opcode::Select => {
            body("%c: bool[2], %x: i64[2], %y: i64[2]", "i64[2]", &["%0 = select %c, %x, %y : i64[2]"], "%0")
        }
        Opcode::Cast => body("%x: f64[2,3]", "f32[2,3]", &["%0 = cast %x : f32[2,3]"], "%0"),
        Opcode::Broadcast => body("%x: f64[3]", "f64[2,3,5]", &["%0 = broadcast %x {axes=[1]} : f64[2,3,5]"], "%0"),
        Opcode::Reshape => body("%x: f64[2,3]", "f64[3,2]", &["%0 = reshape %x : f64[3,2]"], "%0"),
        Opcode::Permute => body("%x: f64[2,3,5]", "f64[5,2,3]", &["%0 = permute %x {axes=[2,0,1]} : f64[5,2,3]"], "%0"),
        Opcode::Slice => {
            let line = "%0 = slice %x {start=[1,0], limit=[2,5], stride=[1,2]} : f64[1,3]";
            body("%x: f64[2,5]", "f64[1,3]", &[line], "%0")
        }
        Opcode::Pad => {
            let line = "%0 = pad %x, %fill {low=[1,0], high=[0,2], interior=[0,1]} : f64[3,7]";
            body("%x: f64[2,3], %fill: f64", "f64[3,7]", &[line], "%0")
        }
        Opcode::Concat => {
            body("%x: f64[2,3], %y: f64[2,5]", "f64[2,8]", &["%0 = concat %x, %y {axis=1} : f64[2,8]"], "%0")
        }
        Opcode::Reverse => body("%x: f64[2,3]", "f64[2,3]", &["%0 = reverse %x {axes=[1]} : f64[2,3]"], "%0"),
        Opcode::Gather => {
            let line = "%0 = gather %x, %i {offset=[1], collapsed=[1], start_map=[1], index_axis=2, sizes=[1,1,5], operand_batch=[0], indices_batch=[0], out=fill} : f64[2,5,7]";
            body("%x: f64[2,3,5], %i: i64[2,7,1]", "f64[2,5,7]", &[line], "%0")
        }
        Opcode::Scatter(op) => {
            let line = format!(
                "%0 = {} %x, %i, %u {{offset=[0], collapsed=[1], start_map=[1], index_axis=1, sizes=[2,1]}} : f64[2,3]",
                op.name()
            );
            body("%x: f64[2,3], %i: i64[7], %u: f64[2,7]", "f64[2,3]", &[&line], "%0")
        }
        Opcode::Reduce(op) => {
            let dtype = if op.is_logical() { "bool" } else { "f64" };
            let line = format!("%0 = {} %x {{axes=[0,2]}} : {dtype}[3]", op.name());
            body(&format!("%x: {dtype}[2,3,5]"), &format!("{dtype}[3]"), &[&line], "%0")
        }
        Opcode::Cumulate(op) => {
            let line = format!("%0 = {} %x {{axis=1, reverse=true}} : f64[2,3]", op.name());
            body("%x: f64[2,3]", "f64[2,3]", &[&line], "%0")
        }
        Opcode::Sort => {
            let line = "%0 = sort %x, %n {axis=1, descending=true} : (f64[2,3], bool[2,3], i64[2,3])";
            body("%x: f64[2,3], %n: bool[2,3]", "(f64[2,3], bool[2,3], i64[2,3])", &[line], "%0")
        }
        Opcode::Dot => {
            let line = "%0 = dot %x, %y {lhs=[2], rhs=[1], lhs_batch=[0], rhs_batch=[0]} : f64[2,3,7]";
            body("%x: f64[2,3,5], %y: f64[2,5,7]", "f64[2,3,7]", &[line], "%0")
        }
        Opcode::Conv => {
            let line = "%0 = conv %x, %k {stride=[2,1], low=[-1,0], high=[0,2], base_dilation=[1,3], window_dilation=[2,1], \
                        feature_groups=2} : f64[3,2,3,5]";
            body("%x: f64[3,4,8,2], %k: f64[2,2,2,2]", "f64[3,2,3,5]", &[line], "%0")
        }
        Opcode::ReduceWindow(op) => {
            let line =
                format!("%0 = {} %x {{window=[1,3], stride=[1,2], low=[0,-1], high=[0,2]}} : f64[2,3]", op.name());
            body("%x: f64[2,6]", "f64[2,3]", &[&line], "%0")
        }
        Opcode::Linalg(op) => {
            let (operands, result) = match op {
                Linalg::Solve => ("%x, %y", "f64[2,3,3]"),
                Linalg::Cholesky | Linalg::Cofactor | Linalg::Expm => ("%x", "f64[2,3,3]"),
                Linalg::Det => ("%x", "f64[2]"),
                Linalg::SlogDet => ("%x", "(f64[2], f64[2])"),
                Linalg::Lu => ("%x", "(f64[2,3,3], i64[2,3])"),
                Linalg::Qr => ("%x", "(f64[2,3,3], f64[2,3,3])"),
                Linalg::Eigh => ("%x", "(f64[2,3], f64[2,3,3])"),
                Linalg::Svd => ("%x", "(f64[2,3,3], f64[2,3], f64[2,3,3])"),
            };
            let line = format!("%0 = {} {operands} : {result}", op.name());
            body("%x: f64[2,3,3], %y: f64[2,3,3]", result, &[&line], "%0")
        }
        Opcode::TriangularSolve => {
            let line = "%0 = triangular_solve %a, %b {upper=true, unit=true} : f64[3,2]";
            body("%a: f64[3,3], %b: f64[3,2]", "f64[3,2]", &[line], "%0")
        }
        Opcode::Tuple => body("%x: f64", "(f64, (), (f64))", &TUPLE_LINES, "%2"),
        Opcode::Record => {
            let line = "%0 = record %x, %n {fields=[w, b.1]} : {w: f64[2], b.1: i64}";
            body("%x: f64[2], %n: i64", "{w: f64[2], b.1: i64}", &[line], "%0")
        }
        Opcode::Get => {
            let lines = ["%0 = get %p {field=w} : (f64, i64)", "%1 = get %0 {index=1} : i64"];
            body("%p: {w: (f64, i64), b: f64}", "i64", &lines, "%1")
        }
        Opcode::Call => CALLEE.to_string() + &body("%x: f64", "f64", &["%0 = call @sq(%x) : f64"], "%0"),
    }
}

const TUPLE_LINES: [&str; 3] = ["%0 = tuple : ()", "%1 = tuple %x : (f64)", "%2 = tuple %x, %0, %1 : (f64, (), (f64))"];

fn body(params: &str, result: &str, lines: &[&str], results: &str) -> String {
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("graph @f({params}) -> {result} {{\n{lines}  return {results}\n}}\n")
}
