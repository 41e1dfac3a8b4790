//! Long work shows itself: a line on stderr, once it has taken a second and somebody watches.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work of less time is done before anybody wonders.
const SOON: Duration = Duration::from_secs(1);
/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The line about the work under way.
#[derive(Debug, Default)]
pub(super) struct Working(Mutex<Option<Line>>);

/// A line that another thread draws, until it is told to end.
#[derive(Debug)]
struct Line {
    end: Sender<()>,
    drawn: JoinHandle<()>,
}

impl Working {
    /// Begins work that may take long. Nothing is drawn where stderr is no terminal.
    pub(super) fn begin(&self, what: &'static str) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let (end, ended) = channel();
        let drawn = std::thread::spawn(move || {
            if ended.recv_timeout(SOON) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_elapsed(SOON);
            // A pattern that it does not understand would leave its own, which does too.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
                bar.set_style(style.tick_chars("|/-\\ "));
            }
            bar.set_message(what);
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.tick();
            }
            bar.finish_and_clear();
        });
        self.replace(Some(Line { end, drawn }));
    }

    /// Clears the line, so that something else can be printed.
    pub(super) fn end(&self) {
        self.replace(None);
    }

    fn replace(&self, line: Option<Line>) {
        // Only a panic while it is held could spoil it, and nothing here panics.
        let Ok(mut place) = self.0.lock() else { return };
        if let Some(Line { end, drawn }) = std::mem::replace(&mut *place, line) {
            drop(end);
            let _ = drawn.join();
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.end();
    }
}
