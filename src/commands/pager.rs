//! Results that are longer than the screen, shown in the user's pager as git does. One that fits is printed.

use std::io::{self, Stdout, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGINT;
use signal_hook::flag::register;

/// The pager where none is named.
const USUAL: &str = "less";
/// What pagers are told where the user has told them nothing: to end where the rest fits, to show colours, and to leave
/// what they showed on the screen.
const TOLD: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

/// The pager that the environment names, else the usual one; none where results are to be printed as they are.
pub(super) fn named() -> Option<String> {
    let pager = match std::env::var("PAGER") {
        Ok(pager) => pager,
        Err(_) => USUAL.to_owned(),
    };
    Some(pager.trim().to_owned()).filter(|pager| !pager.is_empty() && pager != "cat")
}

/// Standard output, as long as what is written fits the screen; from then on a pager.
#[derive(Debug)]
pub(super) struct Paged {
    pager: String,
    /// How many lines the screen has.
    screen: usize,
    lines: usize,
    out: Out,
}

#[derive(Debug)]
enum Out {
    /// It fits so far.
    Held(Vec<u8>),
    Pager(Child),
    /// The pager did not start.
    Plain(Stdout),
}

impl Paged {
    /// Writes to a screen of so many lines, and to this pager what does not fit.
    pub(super) fn new(pager: String, screen: usize) -> Paged {
        Paged { pager, screen, lines: 0, out: Out::Held(Vec::new()) }
    }

    /// Shows the rest, and waits until the user has seen enough.
    pub(super) fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Held(text) => {
                let mut out = io::stdout().lock();
                out.write_all(&text).and_then(|()| out.flush())
            }
            Out::Pager(mut pager) => {
                drop(pager.stdin.take());
                pager.wait().map(|_| ())
            }
            Out::Plain(mut out) => out.flush(),
        }
    }

    fn start(&self) -> io::Result<Child> {
        // An interrupt is for the pager, which outlives it; we have to be there when it ends.
        register(SIGINT, Arc::new(AtomicBool::new(false)))?;
        let mut call = Command::new("sh");
        call.arg("-c").arg(&self.pager).stdin(Stdio::piped());
        for (name, value) in TOLD {
            if std::env::var_os(name).is_none() {
                call.env(name, value);
            }
        }
        call.spawn()
    }
}

impl Write for Paged {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if let Out::Held(held) = &mut self.out {
            held.extend_from_slice(text);
            self.lines += memchr::memchr_iter(b'\n', text).count();
            if self.lines < self.screen {
                return Ok(text.len());
            }
            let held = std::mem::take(held);
            self.out = self.start().map_or_else(|_| Out::Plain(io::stdout()), Out::Pager);
            return self.write_all(&held).map(|()| text.len());
        }
        match &mut self.out {
            Out::Pager(Child { stdin: Some(pager), .. }) => pager.write(text),
            Out::Plain(out) => out.write(text),
            Out::Pager(_) | Out::Held(_) => Ok(text.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Pager(Child { stdin: Some(pager), .. }) => pager.flush(),
            Out::Plain(out) => out.flush(),
            Out::Pager(_) | Out::Held(_) => Ok(()),
        }
    }
}
