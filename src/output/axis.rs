//! From numbers to places on a chart: the ends of an axis, round ticks on it, and where a value stands.

use crate::metrics::chart::{Form, Picture, Value};

/// An axis from `low` to `high`, both at a tick.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// The axis of some numbers, zero among them, with up to `ticks` steps.
    pub(super) fn of(numbers: impl Iterator<Item = f64>, ticks: u32) -> Axis {
        let (low, high) = numbers
            .filter(|number| number.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), number| (low.min(number), high.max(number)));
        let span = if high > low { high - low } else { 1.0 };
        let step = round_step(span / f64::from(ticks.max(1)));
        let high = if high > low { (high / step).ceil() * step } else { step };
        Axis { low: (low / step).floor() * step, high, step }
    }

    /// Where a number stands, from 0 at the low end to 1 at the high one.
    pub(super) fn place(&self, number: f64) -> f64 {
        ((number - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The numbers at its ticks.
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.step).round() as u32;
        let (low, step) = (self.low, self.step);
        (0..=count.min(20)).map(move |tick| {
            let number = low + f64::from(tick) * step;
            // What rounding leaves of zero.
            if number.abs() < step / 1e6 { 0.0 } else { number }
        })
    }
}

/// Where a bar starts and ends, in the numbers of its axis.
pub(super) struct Span {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) interval: Option<(f64, f64)>,
}

/// The bars of a chart: for each row one a column.
pub(super) fn spans(picture: &Picture<'_>) -> Vec<Vec<Span>> {
    let last = picture.marks.len().saturating_sub(1);
    let mut ran = 0.0;
    let span = |nth: usize, value: &Value<'_>, ran: &mut f64| {
        let number = value.number.unwrap_or(0.0);
        let interval = value.interval.map(|interval| (interval.low, interval.high));
        match picture.form {
            Form::Funnel => Span { from: -number / 2.0, to: number / 2.0, interval: None },
            Form::Waterfall => {
                let from = if nth == 0 || nth == last { 0.0 } else { *ran };
                *ran = from + number;
                Span { from, to: *ran, interval: None }
            }
            Form::Bars | Form::Goal | Form::Heat | Form::Line => Span { from: 0.0, to: number, interval },
        }
    };
    let marks = picture.marks.iter().enumerate();
    marks.map(|(nth, mark)| mark.values.iter().map(|value| span(nth, value, &mut ran)).collect()).collect()
}

/// The axis that all bars of a chart stand on: with its zero, or for a funnel as wide as its widest row.
pub(super) fn axis_of(picture: &Picture<'_>, spans: &[Vec<Span>]) -> Axis {
    if picture.form == Form::Funnel {
        let most = spans.iter().flatten().map(|span| span.to - span.from).fold(0.0, f64::max);
        return Axis { low: -most / 2.0, high: most / 2.0, step: most };
    }
    let ends = spans.iter().flatten().flat_map(|span| {
        let interval = span.interval.map(|(low, high)| [low, high]).into_iter().flatten();
        [span.from, span.to].into_iter().chain(interval)
    });
    Axis::of(ends, 4)
}

/// The least of 1, 2, 2.5 and 5 times a power of ten that is not below a step.
fn round_step(step: f64) -> f64 {
    let power = 10.0_f64.powf(step.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|of| of * power)
        .find(|round| *round >= step * 0.999_999)
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_ticks_are_round() {
        let axis = Axis::of([121_820.0, 3.0].into_iter(), 4);
        // 121,820 / 4 = 30,455: the next round step is 50,000.
        assert_eq!(axis.ticks().collect::<Vec<_>>(), [0.0, 50_000.0, 100_000.0, 150_000.0]);
        assert!((axis.place(75_000.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_falls_below_zero_has_room() {
        let axis = Axis::of([-12.0, 30.0].into_iter(), 4);
        // 42 / 4 = 10.5: steps of 20.
        assert_eq!(axis.ticks().collect::<Vec<_>>(), [-20.0, 0.0, 20.0, 40.0]);
    }

    #[test]
    fn there_is_an_axis_of_nothing() {
        for numbers in
            [vec![], vec![0.0], vec![f64::NAN, f64::INFINITY], vec![1e300], vec![1e-300], vec![-5.0]]
        {
            let axis = Axis::of(numbers.iter().copied(), 4);
            assert!(axis.low < axis.high, "{numbers:?}: {axis:?}");
            assert!(axis.ticks().count() >= 2, "{numbers:?}");
            assert!(axis.ticks().all(f64::is_finite));
        }
    }
}
