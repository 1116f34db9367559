//! Tables that a terminal and a Markdown page both show well.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::measure::{Comparison, Estimate, Figure, Held, Side, Spread, Start};

/// One figure as one line, to be seen as soon as it is there.
pub(crate) fn line(figure: &Figure) -> String {
    format!(
        "{:<3} {:<40} {:>4}  {:>9} /s  {:>7.3} of {:>9} /s  {}  {}",
        figure.letter,
        figure.name,
        figure.connections,
        thousands(figure.subject.per_second.median),
        figure.ratio.value,
        thousands(figure.yardstick.per_second.median),
        interval(figure.ratio),
        told(figure)
    )
}

/// The ratios of one comparison.
pub(crate) fn ratios(comparison: Comparison, figures: &[&Figure]) -> String {
    let (measured, beside) = comparison.columns();
    let header = [
        "",
        "operation",
        "connections",
        measured,
        beside,
        "ratio",
        "95 % interval",
        "by CPU",
        "budget",
        "",
    ];
    table(
        &header,
        figures.iter().map(|figure| {
            let name = match comparison {
                Comparison::Bare | Comparison::Cores => figure.name.clone(),
                Comparison::Peers if figure.letter == "E" => {
                    format!("{}; theirs: userinfo", figure.name)
                }
                Comparison::Peers => figure.name.clone(),
                Comparison::Engines => format!("{}; beside {}", figure.name, figure.yardstick_name),
                Comparison::Growth => {
                    format!(
                        "{}; {} beside {}",
                        figure.name, figure.subject_name, figure.yardstick_name
                    )
                }
            };
            vec![
                figure.letter.clone(),
                name,
                figure.connections.to_string(),
                thousands(figure.subject.per_second.median),
                thousands(figure.yardstick.per_second.median),
                format!("{:.3}", figure.ratio.value),
                interval(figure.ratio),
                by_processor(figure),
                figure.budget.map(|budget| format!("{budget:.2}")).unwrap_or_default(),
                told(figure),
            ]
        }),
    )
}

/// The slowest hundredth beside the yardstick's.
pub(crate) fn latencies(figures: &[&Figure]) -> String {
    let header =
        ["", "operation", "connections", "p50", "p99", "max", "bare p99", "times", "most", ""];
    table(
        &header,
        figures.iter().map(|figure| {
            vec![
                figure.letter.clone(),
                figure.name.clone(),
                figure.connections.to_string(),
                time(figure.subject.p50_us),
                time(figure.subject.p99_us),
                time(figure.subject.max_us),
                time(figure.yardstick.p99_us),
                format!("{:.1}", figure.p99_ratio),
                figure.p99_budget.map(|most| format!("{most:.0}")).unwrap_or_default(),
                figure.p99_verdict().word().to_owned(),
            ]
        }),
    )
}

/// What stands behind the ratios: what was busy, and what a walk cost each of those who took part.
pub(crate) fn details(figures: &[&Figure]) -> String {
    let header = [
        "",
        "connections",
        "side",
        "bound by",
        "server µs",
        "load µs",
        "server",
        "load",
        "others",
        "MiB",
    ];
    let side = |figure: &Figure, name: &str, side: &Side| {
        vec![
            figure.letter.clone(),
            figure.connections.to_string(),
            name.to_owned(),
            side.bound(figure.comparison).to_owned(),
            format!("{:.1}", side.processor_us),
            format!("{:.1}", side.client_us),
            format!("{:.0} %", side.server_busy * 100.0),
            format!("{:.0} %", side.client_busy * 100.0),
            format!("{:.0} %", side.others_busy * 100.0),
            format!("{:.1}", side.resident as f64 / 1024.0 / 1024.0),
        ]
    };
    let both = |figure: &&Figure| {
        let (subject, yardstick) = (&figure.subject_name, &figure.yardstick_name);
        [side(figure, subject, &figure.subject), side(figure, yardstick, &figure.yardstick)]
    };
    table(&header, figures.iter().flat_map(both))
}

/// How it starts on databases of several sizes.
pub(crate) fn starts(starts: &[Start]) -> String {
    let row = |start: &Start| {
        let Spread { median, low, high } = start.milliseconds;
        vec![
            thousands(start.sessions as f64),
            format!("{median:.0} ms"),
            format!("{low:.0}–{high:.0}"),
            format!("{:.1} MiB", start.resident.median / 1024.0 / 1024.0),
        ]
    };
    table(&["sessions", "first answer", "spread", "idle memory"], starts.iter().map(row))
}

/// What memory is held for.
pub(crate) fn held(held: &[Held]) -> String {
    let mebibytes = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0);
    let row = |held: &Held| {
        let verdict = if held.resident <= held.budget { "kept" } else { "missed" };
        vec![
            held.what.clone(),
            mebibytes(held.resident),
            mebibytes(held.budget),
            verdict.to_owned(),
        ]
    };
    table(&["memory for", "", "most", ""], held.iter().map(row))
}

/// What is a number stands at the right.
fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Where the ratio lies.
pub(crate) fn interval(ratio: Estimate) -> String {
    format!("{:.3}–{:.3}", ratio.low, ratio.high)
}

/// The verdict, and what is to be known about it.
fn told(figure: &Figure) -> String {
    let words = [figure.verdict().word(), if figure.is_disturbed() { "not quiet" } else { "" }];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The ratio by processor time, if that of both sides is known: a database has many processes.
fn by_processor(figure: &Figure) -> String {
    match figure.yardstick.processor_us {
        unknown if unknown <= 0.0 => String::new(),
        _ => format!("{:.3}", figure.processor_ratio),
    }
}

/// A time in the unit that suits it.
fn time(microseconds: f64) -> String {
    match microseconds {
        none if none <= 0.0 => String::new(),
        small if small < 1e3 => format!("{small:.0} µs"),
        large => format!("{:.1} ms", large / 1e3),
    }
}

/// A whole number with its thousands set apart; small ones with a digit after the point.
fn thousands(value: f64) -> String {
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

    #[test]
    fn a_time_has_the_unit_that_suits_it() {
        for (value, text) in [(0.0, ""), (999.4, "999 µs"), (1500.0, "1.5 ms")] {
            assert_eq!(time(value), text);
        }
    }
}
