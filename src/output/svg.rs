//! A chart as SVG, to stand in a page: marks that carry their exact numbers, an axis with units, the interval of a rate
//! as a line, and a title and a description for those who cannot see it.

use std::fmt::Write as _;

use super::axis::{Axis, axis_of, spans};
use super::heat;
use super::html::text;
use super::look::Look;
use super::value::{NamedCurrency, Writer};
use super::width::cut;
use crate::deal::money::Currency;
use crate::metrics::chart::{Form, Mark, Named, Picture, Value};
use crate::metrics::figures::{Cell, Column, Kind};

/// All lengths are in units of which a chart is so many wide: at the width of a telephone about a pixel each.
const WIDTH: f64 = 400.0;
/// Where names end and bars begin.
const NAMES: f64 = 112.0;
/// Where bars end and numbers begin.
const BARS_END: f64 = 318.0;
/// From one row to the next.
const ROW: f64 = 24.0;
/// What the axis takes below the rows.
const AXIS: f64 = 22.0;
/// How high the plot of a line is.
const PLOT: f64 = 150.0;
/// How many columns of text the names have room for.
const NAME_COLUMNS: usize = 17;

/// What is the same for all charts of a page.
pub(super) struct Pen<'a> {
    pub(super) look: &'a Look,
    pub(super) currency: Option<Currency>,
}

impl Pen<'_> {
    /// The chart, as a figure with its caption. `id` is another for each chart of a page.
    pub(super) fn figure(&self, picture: &Picture<'_>, id: &str) -> String {
        let columns = picture.columns.iter().map(|column| self.look.heading(column));
        let drawn = match picture.form {
            // Its columns are named above it.
            Form::Heat => self.look.label("deals").into_owned(),
            _ => columns.collect::<Vec<_>>().join(" · "),
        };
        let title = format!("{}: {drawn}", self.look.label(picture.section.key));
        let (body, height) = match picture.form {
            Form::Bars | Form::Funnel | Form::Waterfall => self.rows(picture),
            Form::Goal => self.goal(picture),
            Form::Heat => self.heat(picture),
            Form::Line => self.line(picture),
        };
        let described =
            picture.marks.iter().map(|mark| self.told(picture, mark)).collect::<Vec<_>>().join("; ");
        let legend = self.legend(picture);
        format!(
            "<figure><figcaption>{}</figcaption>{legend}<svg viewBox=\"0 0 {WIDTH} {height}\" \
             role=\"img\" data-section=\"{}\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{}</desc>{body}\
             </svg></figure>\n",
            text(&drawn),
            picture.section.key,
            text(&described),
            title = text(&title),
        )
    }

    /// Which colour is what, where there is more than one.
    fn legend(&self, picture: &Picture<'_>) -> String {
        if picture.columns.len() < 2 || picture.form == Form::Heat {
            return String::new();
        }
        let item = |(nth, column): (usize, &&Column)| {
            let class = if picture.form == Form::Goal && nth + 1 == picture.columns.len() {
                "goal"
            } else {
                SERIES[nth % 2]
            };
            format!("<span class=\"key {class}\">{}</span>", text(&self.look.heading(column)))
        };
        let items: String = picture.columns.iter().enumerate().map(item).collect();
        format!("<p class=\"legend\">{items}</p>")
    }

    /// A bar for each value of each row: from zero, in the middle, or from where the one before it ended.
    fn rows(&self, picture: &Picture<'_>) -> (String, f64) {
        let spans = spans(picture);
        let axis = axis_of(picture, &spans);
        let at = |number| NAMES + axis.place(number) * (BARS_END - NAMES);
        let height = picture.marks.len() as f64 * ROW;
        let mut out = String::new();
        if picture.form != Form::Funnel {
            self.ticks(&mut out, picture, &axis, height);
        }
        for (nth, (mark, spans)) in picture.marks.iter().zip(&spans).enumerate() {
            let top = nth as f64 * ROW;
            let name = self.name(picture, mark);
            label(&mut out, &name, top);
            let thick = (ROW - 8.0) / spans.len().max(1) as f64;
            for (series, (span, value)) in spans.iter().zip(&mark.values).enumerate() {
                let (left, right) = (at(span.from.min(span.to)), at(span.from.max(span.to)));
                let class =
                    match picture.form {
                        Form::Waterfall if nth > 0 && nth + 1 < picture.marks.len() => {
                            if span.to < span.from { "down" } else { "up" }
                        }
                        _ => SERIES[series % 2],
                    };
                let y = top + 4.0 + series as f64 * thick;
                put(
                    &mut out,
                    format_args!(
                        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{thick:.1}\"{}/>",
                        data(&name, picture.columns[series], value),
                        wide = (right - left).max(if value.number.is_some_and(|number| number != 0.0) {
                            1.0
                        } else {
                            0.0
                        }),
                    ),
                );
                if let Some((low, high)) = span.interval {
                    let y = y + thick / 2.0;
                    put(
                        &mut out,
                        format_args!(
                            "<path class=\"interval\" d=\"M{:.1} {y:.1}H{:.1}\"/>",
                            at(low),
                            at(high)
                        ),
                    );
                }
            }
            if let Some(value) = mark.values.first() {
                put(
                    &mut out,
                    format_args!(
                        "<text class=\"number\" x=\"{WIDTH}\" y=\"{y:.1}\">{}</text>",
                        text(&self.number(value.cell)),
                        y = top + 16.0
                    ),
                );
            }
        }
        let height = if picture.form == Form::Funnel { height } else { height + AXIS };
        (out, height)
    }

    /// A field for each number, which stands in it.
    fn heat(&self, picture: &Picture<'_>) -> (String, f64) {
        let wide = (WIDTH - NAMES) / picture.columns.len().max(1) as f64;
        let most = heat::most(picture);
        let middle = |nth: usize| NAMES + (nth as f64 + 0.5) * wide;
        let mut out = String::new();
        for (nth, column) in picture.columns.iter().enumerate() {
            put(
                &mut out,
                format_args!(
                    "<text class=\"tick middle\" x=\"{:.1}\" y=\"13\">{}</text>",
                    middle(nth),
                    text(&self.look.heading(column))
                ),
            );
        }
        for (row, mark) in picture.marks.iter().enumerate() {
            let top = AXIS + row as f64 * ROW;
            let name = self.name(picture, mark);
            label(&mut out, &name, top);
            for (nth, (value, column)) in mark.values.iter().zip(&picture.columns).enumerate() {
                let level = heat::level(value, most);
                put(
                    &mut out,
                    format_args!(
                        "<rect class=\"heat h{level}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"{data}/>\
                         <text class=\"middle h{level}\" x=\"{m:.1}\" y=\"{t:.1}\">{number}</text>",
                        x = NAMES + nth as f64 * wide + 1.0,
                        y = top + 1.0,
                        w = wide - 2.0,
                        h = ROW - 2.0,
                        data = data(&name, column, value),
                        m = middle(nth),
                        t = top + 16.0,
                        number = text(&self.number(value.cell)),
                    ),
                );
            }
        }
        (out, AXIS + picture.marks.len() as f64 * ROW)
    }

    /// What was reached and what may come as one bar, and a line at the goal, which is the last column.
    fn goal(&self, picture: &Picture<'_>) -> (String, f64) {
        let mut out = String::new();
        let marks = &picture.marks;
        let ends = marks.iter().flat_map(|mark| {
            let (goal, parts) =
                mark.values.split_last().map_or((None, &[][..]), |(goal, parts)| (goal.number, parts));
            let sum: f64 = parts.iter().filter_map(|part| part.number).map(|part| part.max(0.0)).sum();
            [sum, goal.unwrap_or(0.0)]
        });
        let axis = Axis::of(ends, 4);
        let at = |number| NAMES + axis.place(number) * (BARS_END - NAMES);
        let height = marks.len() as f64 * ROW;
        self.ticks(&mut out, picture, &axis, height);
        for (nth, mark) in marks.iter().enumerate() {
            let top = nth as f64 * ROW;
            let name = self.name(picture, mark);
            label(&mut out, &name, top);
            let mut from = 0.0;
            let Some((goal, parts)) = mark.values.split_last() else { continue };
            for (series, value) in parts.iter().enumerate() {
                let to = from + value.number.unwrap_or(0.0).max(0.0);
                put(
                    &mut out,
                    format_args!(
                        "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"16\"{}/>",
                        SERIES[series % 2],
                        at(from),
                        top + 4.0,
                        at(to) - at(from),
                        data(&name, picture.columns[series], value)
                    ),
                );
                from = to;
            }
            if let Some(number) = goal.number {
                let column = picture.columns[picture.columns.len() - 1];
                put(
                    &mut out,
                    format_args!(
                        "<path class=\"goal\" d=\"M{:.1} {:.1}V{:.1}\"{}/>",
                        at(number),
                        top + 1.0,
                        top + 23.0,
                        data(&name, column, goal)
                    ),
                );
            }
            put(
                &mut out,
                format_args!(
                    "<text class=\"number\" x=\"{WIDTH}\" y=\"{:.1}\">{}</text>",
                    top + 16.0,
                    text(&self.number(goal.cell))
                ),
            );
        }
        (out, height + AXIS)
    }

    /// A point a time, joined, the interval of each as a line through it.
    fn line(&self, picture: &Picture<'_>) -> (String, f64) {
        const LEFT: f64 = 48.0;
        const TOP: f64 = 10.0;
        let values = picture.marks.iter().flat_map(|mark| &mark.values);
        let axis = Axis::of(
            values.flat_map(|value| {
                let interval =
                    value.interval.map(|interval| [interval.low, interval.high]).into_iter().flatten();
                value.number.into_iter().chain(interval)
            }),
            4,
        );
        let y = |number| TOP + (1.0 - axis.place(number)) * PLOT;
        let gaps = (picture.marks.len().max(2) - 1) as f64;
        let x = |nth: usize| LEFT + 12.0 + nth as f64 * (WIDTH - LEFT - 36.0) / gaps;
        let mut out = String::new();
        for tick in axis.ticks() {
            put(
                &mut out,
                format_args!(
                    "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{WIDTH}\"/><text class=\"tick right\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    LEFT - 5.0,
                    y(tick) + 4.0,
                    self.tick(picture.columns[0], tick),
                    y = y(tick)
                ),
            );
        }
        // Names that would touch are left out, never the first.
        let each = (picture.marks.len() as f64 * 56.0 / (WIDTH - LEFT)).ceil().max(1.0) as usize;
        for (nth, mark) in picture.marks.iter().enumerate().step_by(each) {
            put(
                &mut out,
                format_args!(
                    "<text class=\"tick middle\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    x(nth),
                    TOP + PLOT + 17.0,
                    text(&self.name(picture, mark))
                ),
            );
        }
        for (series, column) in picture.columns.iter().enumerate() {
            let class = SERIES[series % 2];
            let mut path = String::new();
            let mut broken = true;
            for (nth, mark) in picture.marks.iter().enumerate() {
                let Some(value) = mark.values.get(series) else { continue };
                let Some(number) = value.number else {
                    broken = true;
                    continue;
                };
                put(
                    &mut path,
                    format_args!("{}{:.1} {:.1}", if broken { "M" } else { "L" }, x(nth), y(number)),
                );
                broken = false;
                if let Some(interval) = value.interval {
                    put(
                        &mut out,
                        format_args!(
                            "<path class=\"interval\" d=\"M{:.1} {:.1}V{:.1}\"/>",
                            x(nth),
                            y(interval.low),
                            y(interval.high)
                        ),
                    );
                }
                put(
                    &mut out,
                    format_args!(
                        "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"{}/>",
                        x(nth),
                        y(number),
                        data(&self.name(picture, mark), column, value)
                    ),
                );
            }
            put(&mut out, format_args!("<path class=\"line {class}\" d=\"{path}\"/>"));
        }
        (out, TOP + PLOT + AXIS)
    }

    /// Lines up from the ticks of an axis below the rows, with what they stand for.
    fn ticks(&self, out: &mut String, picture: &Picture<'_>, axis: &Axis, height: f64) {
        for tick in axis.ticks() {
            let x = NAMES + axis.place(tick) * (BARS_END - NAMES);
            put(
                out,
                format_args!(
                    "<path class=\"grid\" d=\"M{x:.1} 0V{height}\"/><text class=\"tick middle\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
                    self.tick(picture.columns[0], tick),
                    y = height + 14.0
                ),
            );
        }
    }

    /// A number of an axis, short, with its unit where it is no amount and no count.
    fn tick(&self, column: &Column, number: f64) -> String {
        match column.kind {
            Kind::Rate | Kind::Share | Kind::Estimate => format!("{} %", trimmed(number * 100.0)),
            Kind::Age | Kind::Days => {
                format!("{} {}", short(number), super::labels::Word::Days.text(self.look.lang))
            }
            _ => short(number),
        }
    }

    fn writer(&self) -> Writer<'_> {
        let currency = self.currency.map_or(NamedCurrency::Nowhere, NamedCurrency::Scope);
        Writer { look: self.look, currency }
    }

    fn number(&self, cell: &Cell) -> String {
        match cell {
            // The interval is drawn.
            Cell::Estimate { share, .. } => self.writer().cell(&Cell::Share(*share)),
            cell => self.writer().cell(cell),
        }
    }

    fn name(&self, picture: &Picture<'_>, mark: &Mark<'_>) -> String {
        match mark.name {
            Named::Cell(cell) => self.writer().cell(cell),
            Named::Group(group) => {
                let names = picture.section.by.iter().zip(group);
                let names: Vec<String> = names.map(|(by, name)| self.writer().group(by, name)).collect();
                self.writer().joined(&names)
            }
        }
    }

    /// A row in words.
    fn told(&self, picture: &Picture<'_>, mark: &Mark<'_>) -> String {
        let values = picture.columns.iter().zip(&mark.values).map(|(column, value)| {
            let number = self.number(value.cell);
            if picture.columns.len() == 1 {
                number
            } else {
                format!("{} {number}", self.look.heading(column))
            }
        });
        format!("{} {}", self.name(picture, mark), values.collect::<Vec<_>>().join(", ")).trim().to_owned()
    }
}

/// The classes of the first and the second column that is drawn.
const SERIES: [&str; 2] = ["one", "two"];

/// What a mark stands for, to be read back, and shown by a pointer that rests on it.
fn data(name: &str, column: &Column, value: &Value<'_>) -> String {
    let number = value.number.map_or_else(String::new, |number| number.to_string());
    format!(" data-name=\"{}\" data-column=\"{}\" data-value=\"{number}\"", text(name), text(&column.key))
}

fn put(out: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(piece);
}

/// A number in few letters: `1.5M`, `20k`, `0.5`.
fn short(number: f64) -> String {
    let size = number.abs();
    let (by, unit) = match size {
        _ if size >= 1e12 => (1e12, "T"),
        _ if size >= 1e9 => (1e9, "G"),
        _ if size >= 1e6 => (1e6, "M"),
        _ if size >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    format!("{}{unit}", trimmed(number / by))
}

/// With no more digits than a round number has.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a row is called, at its left.
fn label(out: &mut String, name: &str, top: f64) {
    put(
        out,
        format_args!(
            "<text x=\"0\" y=\"{y:.1}\">{}</text>",
            text(&cut(name, NAME_COLUMNS, "…")),
            y = top + 16.0
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_an_axis_are_short() {
        for (number, text) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (250.0, "250"),
            (20_000.0, "20k"),
            (-1_500_000.0, "-1.5M"),
            (2.5e9, "2.5G"),
        ] {
            assert_eq!(short(number), text);
        }
    }
}
