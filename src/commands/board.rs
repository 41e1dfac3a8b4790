//! `pipeline board`: the open deals under their stages.

use clap::Args;

use super::context::Context;
use super::options::{Reading, so_many};
use super::terms::{Asked, ground, no_rate};
use crate::deal::standing::Standing;
use crate::error::Result;
use crate::folder::{Folder, Need};
use crate::metrics::board::{Board as Drawn, board};
use crate::metrics::figures::Figures;
use crate::metrics::stalled::Limits;
use crate::output::render_board;

/// How many cards of a column people are shown where they do not say.
const CARDS: usize = 10;

/// Show the open deals as cards under their stages, the largest first
///
/// A card that has been in its stage for too long is marked as stalled, and so is the oldest of each stage. The stages
/// stand side by side as far as the terminal is wide, and go on below.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline board
  pipeline board owner=ana value=10k..
  pipeline board --limit 3 -f markdown
  pipeline board -f csv --section stages")]
pub(super) struct Board {
    /// Which deals
    terms: Vec<String>,
    /// Show no more than so many cards in a stage [default: 10 for people, all elsewhere]
    #[arg(long, value_name = "N", value_parser = so_many)]
    limit: Option<usize>,
    /// Only this table: board or stages
    #[arg(long, value_name = "TABLE")]
    section: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Board {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folders = context.folders_at(&self.reading)?;
        let boards = folders.iter().map(|folder| self.of(context, folder)).collect::<Result<Vec<_>>>()?;
        let figures: Vec<Figures> = boards.iter().map(Drawn::figures).collect();
        let section = self.section.as_deref();
        let ([folder], [board], [one]) = (&folders[..], &boards[..], &figures[..]) else {
            return context.show_each(&folders, figures, section);
        };
        context.show_by(folder.process(), |format, look, out| {
            render_board(board, one, format, look, section, out)
        })
    }

    fn of(&self, context: &Context, folder: &Folder) -> Result<Drawn> {
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let unsound = self.reading.unsound();
        // How long is too long is told by the process, or else by history.
        let need = if Limits::are_stated(process) { Need::Deals } else { Need::History };
        let (asked, files) = Asked::read(folder, need, &self.terms, &[], &clock)?;
        let found = asked.found_open(&files, unsound)?;
        context.note_skipped(found.skipped);
        let deals: Vec<Standing<'_>> = found.deals.iter().map(|row| asked.standing(row)).collect();
        let for_people = context.table_wanted()? && self.section.is_none();
        let most = self.limit.unwrap_or(if for_people { CARDS } else { usize::MAX });
        let ground = ground(folder, &files, context.lang(process), &clock, unsound)?;
        board(&ground, &deals, most).map_err(|missing| no_rate(folder, &missing))
    }
}
