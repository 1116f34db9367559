//! Tables for a terminal.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::measure::{Figure, Side};

/// One figure as one line, to be seen as soon as it is there.
pub(crate) fn line(figure: &Figure) -> String {
    format!(
        "{:<3} {:<40} {:>4}  {:>9} /s  {:>5.3} of {:>9} /s  ({:.3} to {:.3})  {}",
        figure.letter,
        figure.name,
        figure.connections,
        thousands(figure.subject.per_second.median),
        figure.ratio.median,
        thousands(figure.yardstick.per_second.median),
        figure.ratio.low,
        figure.ratio.high,
        figure.verdict().word()
    )
}

/// The ratios of all figures.
pub(crate) fn ratios(figures: &[Figure]) -> String {
    let header = [
        "",
        "operation",
        "conns",
        "per s",
        "bare per s",
        "ratio",
        "spread",
        "by CPU",
        "budget",
        "",
        "p99 ×",
        "",
    ];
    let row = |figure: &Figure| {
        let verdict = match figure.p99_budget {
            Some(most) if figure.p99_ratio > most => "too slow",
            Some(_) => "kept",
            None => "",
        };
        vec![
            figure.letter.clone(),
            figure.name.clone(),
            figure.connections.to_string(),
            thousands(figure.subject.per_second.median),
            thousands(figure.yardstick.per_second.median),
            format!("{:.3}", figure.ratio.median),
            format!("{:.3}–{:.3}", figure.ratio.low, figure.ratio.high),
            format!("{:.3}", figure.processor_ratio),
            figure.budget.map(|budget| format!("{budget:.2}")).unwrap_or_default(),
            figure.verdict().word().to_owned(),
            format!("{:.1}", figure.p99_ratio),
            verdict.to_owned(),
        ]
    };
    table(&header, figures.iter().map(row))
}

/// What stands behind the ratios: times, processor time and memory of both sides.
pub(crate) fn details(figures: &[Figure]) -> String {
    let header = [
        "",
        "conns",
        "side",
        "CPU µs",
        "p50 µs",
        "p99 µs",
        "max ms",
        "MiB",
        "server busy",
        "load busy",
        "others",
        "load µs",
    ];
    let side = |figure: &Figure, name: &str, side: &Side| {
        vec![
            figure.letter.clone(),
            figure.connections.to_string(),
            name.to_owned(),
            format!("{:.1}", side.processor_us),
            format!("{:.0}", side.p50_us),
            format!("{:.0}", side.p99_us),
            format!("{:.1}", side.max_us / 1e3),
            format!("{:.1}", side.resident as f64 / 1024.0 / 1024.0),
            format!("{:.0} %", side.server_busy * 100.0),
            format!("{:.0} %", side.client_busy * 100.0),
            format!("{:.0} %", side.others_busy * 100.0),
            format!("{:.1}", side.client_us),
        ]
    };
    let both = |figure: &Figure| {
        [side(figure, "Hallpass", &figure.subject), side(figure, "yardstick", &figure.yardstick)]
    };
    table(&header, figures.iter().flat_map(both))
}

/// A table that a terminal and a Markdown page both show well. What is a number stands at the right.
pub(crate) fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// A whole number with its thousands set apart; small ones with a digit after the point.
pub(crate) fn thousands(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (value, text) in [(0.5, "0.5"), (999.0, "999"), (1234.4, "1,234"), (1e6, "1,000,000")] {
            assert_eq!(thousands(value), text);
        }
    }
}
