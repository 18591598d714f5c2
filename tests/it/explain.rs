//! `explain`: the sequences of the design documents come out as they are drawn there, and what the document shows is what the program
//! says.

use std::path::Path;

use gtnet_sim::explain::{DiagramFormat, ExchangeChoice, Explanation, explain};
use gtnet_sim::scenario::Scenario;
use gtnet_sim::time::SimDuration;

fn scenario(file: &str) -> Scenario {
    changed(file, &[])
}

fn changed(file: &str, overrides: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{file}: {error}"))
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

const STAGED: &str = "explain/sequence-of-seven-steps.toml";

fn told(scenario: &Scenario, choice: &ExchangeChoice, explanation: &Explanation) -> String {
    explain(scenario, 0, choice, explanation).expect("it is there")
}

fn drawn(overrides: &[&str]) -> String {
    let text = told(&changed(STAGED, overrides), &of_local(), &Explanation::Exchange(DiagramFormat::Text));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn call(file: &str, overrides: &[&str], number: u64) -> String {
    told(&changed(file, overrides), &ExchangeChoice::OfCall(number), &Explanation::Call)
}

/// The server had formed its reply, and its sender never got it.
#[test]
fn a_reply_that_is_lost_tells_its_sender_nothing() {
    let text = call("quick.toml", &["network.loss=0.2"], 160);
    assert!(text.contains("hub-1 was asked: its reply was lost.\n"), "{text}");
    assert!(text.contains("hub-1 was asked, and its reply was lost.\n"), "{text}");
    assert!(!text.contains("had it been pushed to hub-1"), "it lay there: {text}");
}

#[test]
fn nobody_is_told_to_ask_who_answers_nothing() {
    let open = call("quick.toml", &[], 6_600);
    assert!(open.contains("had it been pushed to hub-1, or had client-1 asked client-2 for it, this call"), "{open}");
    let closed = call("quick.toml", &["group.client.mode=closed"], 3_000);
    assert!(closed.contains(": had it been pushed to hub-1, this call would not"), "{closed}");
}

/// A request that was never sent has the limit that it would have had.
#[test]
fn a_price_that_is_too_old_saves_no_call_without_a_request_either() {
    let text = call("protocol/released.toml", &["run.duration=7h", "run.warmup=0s"], 191);
    assert!(text.contains("No peer was asked") && text.contains("No earlier call: the newest price"), "{text}");
    assert!(text.contains("The exchange took only prices stamped"), "{text}");
}

#[test]
fn an_exchange_that_its_instance_gives_up_says_so() {
    let stop = r#"fault.stop={kind="crash",at="local-1",begins=2026-03-02T12:17:32.2Z,lasts="1h"}"#;
    let text = drawn(&[stop]);
    assert!(text.contains("and never saw the result: its instance stopped before."), "{text}");
    assert!(text.contains("305.4 ms [ stops: the ]"), "{text}");
}

#[test]
fn many_servers_that_give_nothing_are_drawn_together() {
    let text = drawn(&["group.server.count=9"]);
    assert!(text.contains("hub-1 9 servers provider") && text.contains("9 requests with timestamps"), "{text}");
    assert_eq!(text.matches("no newer price ] │ │ │ [ from 9 servers").count(), 1, "{text}");
    assert!(!drawn(&["group.server.count=2"]).contains("2 servers"), "few are drawn one by one");
}

#[test]
fn a_price_that_is_not_there_has_not_stayed_as_it_was() {
    let text = drawn(&["connector.provider.failure=1.0"]);
    assert!(text.contains("Of its prices, all have no price: the call failed."), "{text}");
}

#[test]
fn a_false_price_names_its_fault() {
    let overrides =
        ["run.duration=11h", "run.warmup=0s", "group.client.count=5", "fault.rogue.begins=9h", "fault.rogue.lasts=1h"];
    let scenario = changed("faults/rogue.toml", &overrides);
    let exchange = ExchangeChoice::Numbered(40);
    let text = told(&scenario, &exchange, &Explanation::Exchange(DiagramFormat::Text)).replace('\n', " ");
    assert!(text.contains("2 of them were falsified, by the fault rogue."), "{text}");
    let text = told(&scenario, &exchange, &Explanation::Price("security-20".to_owned()));
    assert!(text.contains("falsified it on its way: the fault rogue.\n"), "{text}");
    assert!(text.contains("error of the stamp                 +4501  whole seconds"), "{text}");
    assert!(
        text.contains("apparent age less age   -4,502.258143696  trading time"),
        "an hour too young and more: {text}"
    );
}

/// The market closed at 16:30, so that nobody holds the price back until the delay begins.
#[test]
fn a_closed_market_holds_a_price_back_and_no_provider() {
    let text =
        told(&scenario("quick.toml"), &ExchangeChoice::Numbered(217), &Explanation::Price("security-1".to_owned()));
    let rows: Vec<&str> = text.lines().filter(|line| line.contains("provider delay")).collect();
    assert!(rows[0].contains("16:30:00.000 UTC  last price of a closed market"), "{text}");
    assert!(rows[1].contains("18:51:02.649 UTC  held back by yahoo") && rows[1].contains("15 min"), "{text}");
    let prompt = changed(STAGED, &["connector.provider.delay=0s"]);
    let text = told(&prompt, &of_local(), &Explanation::Price("security-3".to_owned()));
    assert!(!text.contains("held back") && !text.contains("closed market"), "{text}");
}
