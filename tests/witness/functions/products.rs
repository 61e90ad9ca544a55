//! Contractions, Einstein sums, convolutions and pooling.

use wengert::prelude::*;
use wengert::{ConvSpec, DotSpec, ReduceWindow, Slide, WindowSpec, einsum};

use super::{Table, part};

fn along(low: i64, high: i64, stride: usize, base: usize, window: usize) -> Slide {
    Slide { stride, low, high, base_dilation: base, window_dilation: window }
}

pub const TABLE: Table = &[
    ("matmul", |_, x| x.matmul(x.transpose()).sin()),
    ("batched matmul", |_, x| x.matmul(x.sin())),
    ("einsum three", |_, x| einsum("ij,jk,ki->", &[x, x.sin(), x * x])),
    ("einsum diagonal", |_, x| einsum("ii->i", &[x * x * x])),
    ("outer", |_, x| einsum("i,j->ij", &[x, x * x]).log1p()),
    ("conv", |_, x| x.conv(part(x, &[0, 0, 0], &[2, 1, 3]).sin(), ConvSpec::new([Slide::default()]))),
    ("conv stride dilation", |_, x| {
        x.conv(part(x, &[0, 0, 0], &[1, 2, 2]).sin(), ConvSpec::new([along(1, 2, 2, 2, 2)]))
    }),
    ("conv negative padding", |_, x| {
        x.conv(part(x, &[0, 0, 0], &[1, 1, 2]).cos(), ConvSpec::new([along(-1, -2, 1, 1, 1)]))
    }),
    ("conv groups", |_, x| {
        let kernel = part(x.reshape(&[4, 1, 3]), &[0, 0, 0], &[4, 1, 2]);
        let kernel = concat(&[kernel, kernel], 1).sin();
        x.conv(kernel, ConvSpec { feature_groups: 2, ..ConvSpec::new([Slide::default()]) })
    }),
    ("conv batch groups", |_, x| {
        let kernel = part(x.sin(), &[0, 0, 0], &[2, 2, 2]);
        x.conv(kernel, ConvSpec { batch_groups: 2, ..ConvSpec::new([Slide::default()]) })
    }),
    ("conv plane", |_, x| x.conv(part(x, &[0, 0, 0, 0], &[1, 1, 2, 2]).sin(), ConvSpec::new([Slide::default(); 2]))),
    ("max pool", |_, x| x.square().max_pool(&[3], &[1], &[0])),
    ("sum pool", |_, x| (x * x * x).sum_pool(&[2], &[2], &[0])),
    ("einsum batch", |_, x| einsum("bij,bjk->kbi", &[x, x.cos()])),
    ("einsum ellipsis", |_, x| einsum("...i,ji->...j", &[x, x.at(0).exp()])),
    ("tensordot", |_, x| x.contract(x.sin(), DotSpec::contract(&[0, 2], &[0, 2]))),
    ("attention", |_, x| (x.matmul(x.transpose()) * 0.5f64.sqrt()).softmax(1).matmul(x.tanh())),
    ("avg pool", |_, x| x.square().avg_pool(&[3], &[2], &[1])),
    ("min pool dilated", |_, x| {
        let slides = vec![Slide::default(), along(0, 1, 1, 1, 2)];
        x.square().reduce_window(ReduceWindow::Min, WindowSpec { window: [1, 2].into_iter().collect(), slides })
    }),
    ("max pool plane", |_, x| x.square().max_pool(&[2, 2], &[2, 2], &[0, 0])),
    ("conv transposed plane", |_, x| x.conv(x.sin(), ConvSpec::new([along(1, 1, 1, 2, 1); 2]))),
    ("conv depthwise plane", |_, x| {
        let kernel = part(x.reshape(&[2, 1, 3, 3]), &[0; 4], &[2, 1, 2, 2]).sin();
        x.conv(kernel, ConvSpec { feature_groups: 2, ..ConvSpec::new([Slide::default(); 2]) })
    }),
];
