//! A page of `docs/` as it is read in a terminal: headings stand out, code is indented, all else is as it is.

use super::look::{HEADING, Look};

/// Renders a page whose lines fit a terminal as they are.
pub fn render(page: &str, look: &Look) -> String {
    let mut text = String::new();
    let mut code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            code = !code;
            continue;
        }
        let heading = line.trim_start_matches('#').trim_start();
        match line {
            "" => {}
            _ if code => {
                text.push_str("    ");
                text.push_str(line);
            }
            _ if heading != line => text.push_str(&look.paint(HEADING, heading)),
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_stand_out_and_code_is_indented() {
        let page = "# A page\n\nWords.\n\n```sh\n# a comment\n\nls\n```\n\n## Part\n";
        let plain = "A page\n\nWords.\n\n    # a comment\n\n    ls\n\nPart\n";
        assert_eq!(render(page, &Look::default()), plain);
        let coloured = render(page, &Look { color: true, ..Look::default() });
        assert!(coloured.starts_with("\u{1b}[1mA page\u{1b}[0m\n"), "{coloured:?}");
    }
}
