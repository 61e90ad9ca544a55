//! The data sets that come with the program.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$( ($name, include_str!(concat!("../data/", $name))), )*]
    };
}

/// Names and contents, in order of their names.
pub const FILES: &[(&str, &str)] = files![
    "Chwirut1.dat",
    "Chwirut2.dat",
    "DanWood.dat",
    "ENSO.dat",
    "Gauss1.dat",
    "Gauss2.dat",
    "Kirby2.dat",
    "Lanczos1.dat",
    "Lanczos2.dat",
    "MGH10.dat",
    "MGH17.dat",
    "Misra1a.dat",
    "Misra1b.dat",
    "Misra1c.dat",
    "Nelson.dat",
    "Rat42.dat",
    "Roszman1.dat",
];
