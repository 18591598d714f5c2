//! `explain`: the sequences of the design documents come out as they are drawn there, and what the document shows is what the program
//! says.

use std::path::Path;

use gtnet_sim::explain::{DiagramFormat, ExchangeChoice, Explanation, explain};
use gtnet_sim::scenario::Scenario;
use gtnet_sim::time::SimDuration;

fn scenario(file: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    Scenario::load(&path, &[]).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn of_local() -> ExchangeChoice {
    ExchangeChoice::OfUser { user: "local-1".to_owned(), at: SimDuration::ZERO }
}

fn sequence(name: &str, format: DiagramFormat) -> String {
    let scenario = scenario(&format!("explain/{name}.toml"));
    explain(&scenario, 0, &of_local(), &Explanation::Exchange(format)).expect("the user visits")
}

#[test]
fn the_newer_document_s_sequence() {
    insta::assert_snapshot!("seven_steps", sequence("sequence-of-seven-steps", DiagramFormat::Text));
    insta::assert_snapshot!("seven_steps_mermaid", sequence("sequence-of-seven-steps", DiagramFormat::Mermaid));
}

#[test]
fn the_older_document_s_sequences() {
    insta::assert_snapshot!("general_flow", sequence("sequence-of-the-general-flow", DiagramFormat::Text));
    insta::assert_snapshot!("push_open_server", sequence("sequence-at-a-push-open-server", DiagramFormat::Text));
}

/// What is between a tag and its end.
fn element<'t>(text: &'t str, name: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no <{name}>"));
    rest.split_once(&format!("</{name}>")).expect("its end").0
}

#[test]
fn the_picture_says_in_words_what_it_shows() {
    let svg = sequence("sequence-of-seven-steps", DiagramFormat::Svg);
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>") && svg.contains("role=\"img\""));
    assert_eq!(element(&svg, "title"), "Exchange 3 of local-1");
    let text = sequence("sequence-of-seven-steps", DiagramFormat::Text);
    let story: String = text.lines().take_while(|line| !line.is_empty()).collect::<Vec<&str>>().join(" ");
    assert_eq!(element(&svg, "desc"), story);
    for participant in ["local-1", "hub-1", "server-1", "provider"] {
        assert!(svg.contains(&format!(">{participant}</text>")), "{participant}");
    }
    assert_eq!(svg.matches("class=\"tip\"").count(), 8, "four questions or pushes, each with its answer");
}

/// The outputs in the document, each below its command.
#[test]
fn the_document_shows_what_the_program_says() {
    let document = include_str!("../../docs/explain.md");
    let price = |file, choice: &ExchangeChoice, explanation: &Explanation| {
        explain(&scenario(file), 0, choice, explanation).expect("it is there")
    };
    let staged = "explain/sequence-of-seven-steps.toml";
    for output in [
        sequence("sequence-of-seven-steps", DiagramFormat::Text),
        price(staged, &of_local(), &Explanation::Price("security-2".to_owned())),
        price("quick.toml", &ExchangeChoice::OfCall(6_600), &Explanation::Call),
    ] {
        assert!(document.contains(&format!("```text\n{output}```")), "docs/explain.md lacks this output:\n{output}");
    }
}
