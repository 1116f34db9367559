//! The ratios as bars, in a picture that is legible on light and on dark pages.

use std::fmt::Write as _;

use super::page::of;
use crate::measure::{Comparison, Figure, Results, Verdict};

const ROW: f64 = 30.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 34.0;
const LABELS: f64 = 336.0;
const BARS: f64 = 400.0;
const WIDTH: f64 = 840.0;

/// Colours of the pages, and names for what is drawn with them.
const STYLE: &str = "<style>
:root { color-scheme: light dark }
text { font: 14px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1e1b16 }
.soft { fill: #57514a; font-size: 12px } .line { stroke: #d8d1c3 }
.kept { fill: #1b6339 } .missed { fill: #a3211b } .none { fill: #8a8275 }
.budget { stroke: #1e1b16; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #f0ebe2 } .soft { fill: #b9b2a5 } .line { stroke: #3b3832 }
.kept { fill: #7fd09c } .missed { fill: #ff9c92 } .none { fill: #8f887b } .budget { stroke: #f0ebe2 }
}
</style>";

/// One bar for each operation: how much of the bare server's rate is left.
///
/// # Errors
/// Never: a string takes everything.
pub(crate) fn svg(results: &Results) -> Result<String, std::fmt::Error> {
    let figures: Vec<&Figure> = of(results, Comparison::Bare)
        .into_iter()
        .filter(|figure| figure.budget.is_some())
        .collect();
    let height = TOP + ROW * figures.len() as f64 + BOTTOM;
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title description\">"
    )?;
    writeln!(svg, "<title id=\"title\">Hallpass beside a bare server</title>")?;
    writeln!(svg, "<desc id=\"description\">{}</desc>\n{STYLE}", escaped(&described(&figures)))?;
    writeln!(
        svg,
        "<text x=\"0\" y=\"18\">Requests a second, by those of a server that does nothing but answer</text>\n\
         <text class=\"soft\" x=\"0\" y=\"38\">The line across a row is its budget: green keeps it, red misses it, grey lies on the line.</text>"
    )?;
    let foot = height - BOTTOM;
    for tenth in [0.0, 2.5, 5.0, 7.5, 10.0_f64] {
        let x = LABELS + BARS * tenth / 10.0;
        writeln!(
            svg,
            "<line class=\"line\" x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{foot}\"/>\
             <text class=\"soft\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{:.2}</text>",
            foot + 20.0,
            tenth / 10.0
        )?;
    }
    for (row, figure) in figures.iter().enumerate() {
        bar(&mut svg, TOP + ROW * row as f64, figure)?;
    }
    writeln!(svg, "</svg>")?;
    Ok(svg)
}

fn bar(svg: &mut String, y: f64, figure: &Figure) -> std::fmt::Result {
    let class = match figure.verdict() {
        Verdict::Kept => "kept",
        Verdict::Missed => "missed",
        Verdict::OnTheLine | Verdict::LoadBound | Verdict::NoBudget => "none",
    };
    let length = BARS * figure.ratio.value.clamp(0.0, 1.1);
    writeln!(
        svg,
        "<text x=\"0\" y=\"{:.1}\">{}</text><text x=\"30\" y=\"{:.1}\">{}</text>\
         <rect class=\"{class}\" x=\"{LABELS}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"18\" rx=\"3\"/>\
         <text x=\"{WIDTH}\" y=\"{:.1}\" text-anchor=\"end\">{:.2}</text>",
        y + 19.0,
        figure.letter,
        y + 19.0,
        escaped(&figure.name),
        y + 5.0,
        y + 19.0,
        figure.ratio.value,
    )?;
    if let Some(budget) = figure.budget {
        let x = LABELS + BARS * budget;
        writeln!(
            svg,
            "<line class=\"budget\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
            y + 1.0,
            y + 27.0
        )?;
    }
    Ok(())
}

/// The same in words.
fn described(figures: &[&Figure]) -> String {
    let told = figures.iter().map(|figure| {
        let budget = figure.budget.unwrap_or_default();
        format!("{}: {:.2}, budget {budget:.2}", figure.name, figure.ratio.value)
    });
    told.collect::<Vec<_>>().join("; ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_the_picture() {
        assert_eq!(escaped("a<b & c"), "a&lt;b &amp; c");
    }
}
