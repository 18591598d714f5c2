//! Results folders among other people's files: what gtnet-sim has not written stays as it is, whatever it looks like, and
//! nothing makes the program wait without a word.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::contents;

fn quick() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml").display().to_string()
}

fn gtnet_sim(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    command.current_dir(folder).args(arguments);
    command
}

fn outcome(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    told(&gtnet_sim(folder, arguments).output().expect("the program runs"))
}

fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// One replication of `quick`, to `out`.
fn run_to(folder: &Path, out: &str) -> (Option<i32>, String) {
    outcome(folder, &["run", &quick(), "--replications", "1", "--quiet", "--out", out])
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("above")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// Folders as other programs leave them, whose manifests look more or less like one of gtnet-sim's.
#[test]
fn folders_of_other_programs_are_left_alone() {
    let others: [(&str, &[(&str, &str)]); 16] = [
        (
            "names of files",
            &[("manifest.json", r#"{"name":"my-app","files":["thesis.tex"]}"#), ("thesis.tex", "years")],
        ),
        (
            "objects",
            &[("manifest.json", r#"{"name":"my-app","files":[{"name":"thesis.tex"}]}"#), ("thesis.tex", "years")],
        ),
        (
            "npm",
            &[("package.json", r#"{"name":"a","files":["lib"]}"#), ("lib/index.js", "1"), ("node_modules/b/x.js", "2")],
        ),
        ("cargo", &[("Cargo.toml", "[package]"), ("target/debug/app", "\u{1}"), ("src/main.rs", "fn main() {}")]),
        ("oci", &[("index.json", "{\"schemaVersion\":2}"), ("oci-layout", "{}"), ("blobs/sha256/ab", "layer")]),
        ("docker save", &[("manifest.json", r#"[{"Config":"a.json","Layers":["l.tar"]}]"#), ("l.tar", "layer")]),
        (
            "web app",
            &[("manifest.json", r#"{"name":"App","icons":[{"src":"i.png"}],"start_url":"/"}"#), ("i.png", "png")],
        ),
        ("extension", &[("manifest.json", r#"{"manifest_version":3,"name":"x","version":"1"}"#), ("bg.js", "1")]),
        ("map of files", &[("manifest.json", r#"{"files":{"main.css":"/static/main.css"}}"#), ("main.css", "a{}")]),
        ("traversal", &[("manifest.json", r#"{"files":[{"name":"../precious.txt"}]}"#), ("own.txt", "mine")]),
        ("absolute", &[("manifest.json", r#"{"files":[{"name":"/etc/hostname"}]}"#), ("own.txt", "mine")]),
        (
            "another simulator",
            &[
                (
                    "manifest.json",
                    // The digest of `run.dat` is right.
                    "{\n  \"schema_version\": 1,\n  \"tool_version\": \"0.1.0\",\n  \"files\": [\n    {\n      \"name\": \"run.dat\",\n      \
                     \"bytes\": 3,\n      \"sha256\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n    }\n  ]\n}\n",
                ),
                ("run.dat", "abc"),
            ],
        ),
        ("a shard of something", &[("shard.json", "{\"part\":1}"), ("data.bin", "1")]),
        ("no text", &[("manifest.json", "\u{0}\u{1}"), ("data.bin", "1")]),
        ("a folder", &[("manifest.json/part", "1")]),
        ("hidden files", &[(".gitignore", "*")]),
    ];
    for (name, files) in others {
        let home = TempDir::new().expect("a folder");
        write(home.path(), &[("precious.txt", "mine")]);
        write(&home.path().join("out"), files);
        let before = contents(home.path());
        let shard = ["run", &quick(), "--replications", "1", "--quiet", "--out", "out", "--shard", "1/2"];
        for (code, complaint) in [run_to(home.path(), "out"), outcome(home.path(), &shard)] {
            assert_eq!(code, Some(2), "{name}: {complaint}");
            assert!(complaint.contains("holds no results of gtnet-sim"), "{name}: {complaint}");
            assert!(complaint.contains("  help: choose another folder with --out"), "{name}: {complaint}");
            assert!(contents(home.path()) == before, "{name}: not as before");
        }
    }
}

/// A file that somebody has changed is his, and a manifest that was changed proves nothing.
#[test]
fn what_was_changed_is_kept_and_told() {
    let home = TempDir::new().expect("a folder");
    assert_eq!(run_to(home.path(), "out"), (Some(0), String::new()));
    let whole = contents(&home.path().join("out"));
    let changed: Vec<&PathBuf> = whole.keys().filter(|path| *path != Path::new("manifest.json")).collect();
    for path in &changed {
        fs::write(home.path().join("out").join(path), "mine").expect("written");
    }
    let (code, told) = run_to(home.path(), "out");
    assert_eq!(code, Some(0), "{told}");
    let mut expected = whole.clone();
    for path in &changed {
        let kept = format!("{}.earlier", path.display());
        assert!(told.contains(&format!("/{}` has changed since gtnet-sim wrote it", path.display())), "{told}");
        expected.insert(PathBuf::from(kept), b"mine".to_vec());
    }
    assert!(contents(&home.path().join("out")) == expected, "not as expected");

    let manifest = home.path().join("out/manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, text.replacen("\"seed\": 42", "\"seed\": 43", 1)).expect("written");
    let before = contents(home.path());
    let (code, complaint) = run_to(home.path(), "out");
    assert_eq!(code, Some(2));
    assert!(complaint.contains("its manifest.json is not as gtnet-sim wrote it"), "{complaint}");
    assert!(contents(home.path()) == before, "not as before");
}

/// What lies beside a folder under the names that gtnet-sim uses there, and is none of its.
#[test]
fn namesakes_beside_results_are_left_alone() {
    let home = TempDir::new().expect("a folder");
    assert_eq!(run_to(home.path(), "out").0, Some(0));
    let namesakes = [(".out.partial-4711/thesis.tex", "mine"), (".out.partial-1", "mine"), ("out.ledger", "mine")];
    write(home.path(), &namesakes);
    assert_eq!(run_to(home.path(), "out"), (Some(0), String::new()));
    for (name, text) in namesakes {
        assert_eq!(fs::read_to_string(home.path().join(name)).expect("text"), text);
    }
    for (name, text) in [(".out.lock", "mine"), (".out.previous-4711/thesis.tex", "mine")] {
        write(home.path(), &[(name, text)]);
        let before = contents(home.path());
        let (code, complaint) = run_to(home.path(), "out");
        assert_eq!(code, Some(2), "{name}");
        assert!(complaint.contains("help:"), "{complaint}");
        assert!(contents(home.path()) == before, "{name}: not as before");
        fs::rename(home.path().join(name), home.path().join("elsewhere")).expect("moved");
        let _ = fs::remove_dir(home.path().join(".out.previous-4711"));
    }
}

/// A FIFO or a device where a file is expected is an error; if it were opened, the program would wait or fill the memory.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_an_error() {
    let home = TempDir::new().expect("a folder");
    let sweep =
        ["sweep", &quick(), "--set", "group.client.count=2,3", "--replications", "1", "--quiet", "--out", "out"];
    let shard = ["run", &quick(), "--replications", "1", "--quiet", "--shard", "1/1", "--out", "shard"];
    let text = fs::read_to_string(quick()).expect("a scenario");
    let based = text.replacen("[scenario]", "[scenario]\nbase = \"base.toml\"", 1);
    write(home.path(), &[("own.toml", &text), ("based.toml", &based)]);
    assert_eq!(outcome(home.path(), &sweep), (Some(0), String::new()));
    assert_eq!(outcome(home.path(), &shard), (Some(0), String::new()));
    let own = ["check", "own.toml"];
    let resumed = [&sweep[..], &["--resume"]].concat();
    let merge = ["merge", "shard", "--out", "merged"];
    let places: [(&str, &[&str]); 10] = [
        ("out/manifest.json", &sweep),
        (".out.lock", &sweep),
        ("out.ledger", &sweep),
        ("out/replications.csv", &resumed),
        ("shard/manifest.json", &shard),
        ("shard/shard.json", &merge),
        ("shard/units.ledger", &merge),
        ("markets.csv", &own),
        ("connectors.csv", &own),
        ("base.toml", &["check", "based.toml"]),
    ];
    for (name, command) in places {
        let path = home.path().join(name);
        let aside = home.path().join("aside");
        let is_there = path.exists();
        if is_there {
            fs::rename(&path, &aside).expect("aside");
        }
        let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
        let device = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).expect("a link");
        for (what, make) in [("a FIFO", &fifo as &dyn Fn(&Path)), ("a device", &device)] {
            make(&path);
            let (code, complaint) = outcome(home.path(), command);
            assert!(matches!(code, Some(1 | 2)), "{name} is {what}: {code:?} {complaint}");
            let file = name.rsplit('/').next().expect("a name");
            assert!(complaint.contains(file), "{name} is {what}: {complaint}");
            assert!(fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()), "{name}: it is still there");
            fs::remove_file(&path).expect("removed");
        }
        if is_there {
            fs::rename(&aside, &path).expect("back");
        }
    }
    assert_eq!(outcome(home.path(), &sweep), (Some(0), String::new()), "as if nothing had happened");
}

/// Whatever reads a scenario reads it once, as a pipe gives it once.
#[cfg(unix)]
#[test]
fn a_scenario_may_come_through_a_pipe() {
    let home = TempDir::new().expect("a folder");
    let text = fs::read_to_string(quick()).expect("a scenario");
    let variants = "[[variant]]\nname = \"few\"\nset = { \"group.client.count\" = 2 }\n\n[[variant]]\nname = \"many\"\nset = { \
                    \"group.client.count\" = 4 }\n";
    let compared = format!("{text}\n{variants}");
    fs::write(home.path().join("scenario.toml"), &text).expect("a file");
    fs::write(home.path().join("compared.toml"), &compared).expect("a file");
    let open = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/open-only.toml").display().to_string();
    let same = ["--set", "run.start=2026-03-02T00:00:00Z", "--set", "run.warmup=1d", "--set", "run.duration=2d"];
    let capacity = ["--parameter", "group.client.count", "--to", "3", "--objective", "connector_calls <= 40 1/d"];
    let commands: [(&str, &str, Vec<&str>); 5] = [
        ("run", &text, vec![]),
        ("sweep", &text, vec!["--set", "group.client.count=2,3"]),
        ("capacity", &text, capacity.to_vec()),
        ("compare", &compared, vec![]),
        ("compare", &text, [&same[..], &[open.as_str()]].concat()),
    ];
    for (command, text, more) in commands {
        let file = if text == compared { "compared.toml" } else { "scenario.toml" };
        let all = |scenario: &'static str, out: &'static str| {
            let mut all = vec![command, scenario];
            all.extend(more.iter().rev().take(more.len() % 2));
            all.extend(more.iter().take(more.len() / 2 * 2));
            all.extend(["--replications", "2", "--quiet", "--out", out]);
            all
        };
        assert_eq!(outcome(home.path(), &all(file, "file")), (Some(0), String::new()), "{command}");
        for (pipe, out) in [("-", "dash"), ("/dev/stdin", "stdin")] {
            let mut child = gtnet_sim(home.path(), &all(pipe, out));
            let mut child = child.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
            child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
            assert_eq!(told(&child.wait_with_output().expect("a child")), (Some(0), String::new()), "{command} {pipe}");
            assert!(contents(&home.path().join(out)) == contents(&home.path().join("file")), "{command} {pipe}");
        }
        for out in ["file", "dash", "stdin"] {
            fs::remove_dir_all(home.path().join(out)).expect("removed");
        }
    }
    let (code, complaint) = outcome(home.path(), &["compare", "-", "-"]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("standard input (`-`) is one scenario"), "{complaint}");
}

/// Objectives of every unit, divided: what shards write, `merge` reads.
#[test]
fn shards_of_a_search_can_be_joined_whatever_its_unit() {
    let home = TempDir::new().expect("a folder");
    let objectives = [
        "connector_calls<=3000",
        "user_wait_p95 <= 0.3ms",
        "price_age_p50>=7min",
        "connector_calls.saving >= 12.3%",
        "server_queue_length<=0.1",
        "messages <= 1e9 1/d",
    ];
    for (number, objective) in objectives.into_iter().enumerate() {
        let search = ["capacity", &quick(), "--parameter", "group.client.count", "--to", "2", "--objective", objective];
        let search = [&search[..], &["--replications", "1", "--quiet", "--set", "run.duration=26h", "--out"]].concat();
        let folder = |name: &str| format!("{name}-{number}");
        let (whole, shard, merged) = (folder("whole"), folder("shard"), folder("merged"));
        for more in [&[whole.as_str()][..], &[&shard, "--shard", "1/1"]] {
            let (code, complaint) = outcome(home.path(), &[&search[..], more].concat());
            assert_eq!(code, Some(0), "{objective}: {complaint}");
        }
        let merge = ["merge", &shard, "--out", &merged, "--quiet"];
        assert_eq!(outcome(home.path(), &merge), (Some(0), String::new()), "{objective}");
        assert!(contents(&home.path().join(&whole)) == contents(&home.path().join(&merged)), "{objective}");
    }
}

/// Who waits says for whom, also if he shall be quiet; a signal ends the wait, and so does the end of the other.
#[cfg(unix)]
#[test]
fn a_wait_is_told() {
    use std::os::unix::process::ExitStatusExt;

    let home = TempDir::new().expect("a folder");
    for (content, holder) in [("gtnet-sim process 4711\n", "gtnet-sim with process id 4711"), ("", "another process")] {
        for is_interrupted in [true, false] {
            let lock = home.path().join(".out.lock");
            fs::write(&lock, content).expect("a file");
            let held = fs::File::open(&lock).expect("a file");
            held.lock().expect("a lock");
            let run = ["run", &quick(), "--replications", "1", "--quiet", "--out", "out"];
            let mut child = gtnet_sim(home.path(), &run).stderr(Stdio::piped()).spawn().expect("the program runs");
            let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
            let mut line = String::new();
            stderr.read_line(&mut line).expect("a line");
            assert!(line.contains(&format!("waiting for {holder}")) && line.contains(".out.lock"), "{line}");
            if is_interrupted {
                let number = child.id().to_string();
                // Not SIGINT, which is ignored by what a shell has put in the background.
                assert!(Command::new("kill").args(["-TERM", &number]).status().expect("kill runs").success());
                assert_eq!(child.wait().expect("a child").signal(), Some(15));
            } else {
                drop(held);
                let mut rest = String::new();
                stderr.read_to_string(&mut rest).expect("text");
                assert_eq!((child.wait().expect("a child").code(), rest.as_str()), (Some(0), ""));
                assert!(!lock.exists(), "nothing is left");
            }
        }
    }
}

/// The program as somebody who is not the superuser sees it, to whom `home` belongs; a copy, as he may not see the other.
#[cfg(unix)]
fn as_a_user(home: &Path, arguments: &[&str]) -> Command {
    use std::os::unix::process::CommandExt;

    let program = home.join("gtnet-sim");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_gtnet-sim"), &program).expect("a copy");
        fs::copy(quick(), home.join("quick.toml")).expect("a copy");
    }
    let mut command = Command::new(program);
    command.current_dir(home).args(arguments);
    if is_superuser() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

#[cfg(unix)]
const NOBODY: u32 = 65_534;

#[cfg(unix)]
fn is_superuser() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    String::from_utf8_lossy(&output.stdout).trim() == "0"
}

/// Makes `path` and all in it the user's, and `path` itself writable for him or not.
#[cfg(unix)]
fn give(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    if is_superuser() {
        let owner = format!("{NOBODY}:{NOBODY}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(path).status().expect("chown runs").success());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

/// Where nothing can be written beside the folder, results are written in it, and so is what an interrupted study has done.
#[cfg(unix)]
#[test]
fn a_folder_in_somebody_elses_is_used_as_it_is() {
    let home = TempDir::new().expect("a folder");
    let out = home.path().join("place/out");
    fs::create_dir_all(&out).expect("folders");
    give(&home.path().join("place"), 0o555);
    give(home.path(), 0o755);
    give(&home.path().join("place"), 0o555);
    give(&out, 0o755);
    if is_superuser() {
        // A folder of somebody else, too, but one that all may read.
        assert!(
            Command::new("chown").arg("0:0").arg(home.path().join("place")).status().expect("chown runs").success()
        );
    }
    let run = |more: &[&str]| {
        let all = ["run", "quick.toml", "--replications", "1", "--quiet", "--out", "place/out"];
        told(&as_a_user(home.path(), &[&all[..], more].concat()).output().expect("it runs"))
    };
    assert_eq!(run(&[]), (Some(0), String::new()));
    let whole = contents(&out);
    fs::write(out.join("notes.md"), "mine").expect("notes");
    fs::write(out.join("summary.csv"), "mine").expect("changed");
    let (code, told_of) = run(&[]);
    assert_eq!(code, Some(0), "{told_of}");
    assert!(told_of.contains("summary.csv` has changed since gtnet-sim wrote it"), "{told_of}");
    let mut expected = whole;
    expected.extend(["notes.md", "summary.csv.earlier"].map(|name| (PathBuf::from(name), b"mine".to_vec())));
    assert!(contents(&out) == expected, "not as expected");

    // A study that does not get further than its ledger goes on from it.
    let sweep = "sweep quick.toml --set group.client.count=2,3 --replications 2 --quiet --out place/out --jobs 1";
    let sweep: Vec<&str> = sweep.split(' ').collect();
    let mut child =
        as_a_user(home.path(), &[&sweep[..], &["--set", "run.duration=90d"]].concat()).spawn().expect("it runs");
    let ledger = out.join(".gtnet-sim.ledger");
    let lines = || fs::read_to_string(&ledger).map_or(0, |text| text.lines().count());
    while lines() < 2 && child.try_wait().expect("a child").is_none() {}
    child.kill().and_then(|()| child.wait()).expect("killed");
    assert!(lines() >= 2, "it is kept within");
    assert!(contents(&out).contains_key(Path::new("summary.csv.earlier")), "the earlier results are as they were");
    let (code, complaint) = told(&as_a_user(home.path(), &sweep).output().expect("it runs"));
    assert_eq!(code, Some(2));
    assert!(complaint.contains("go on with it by --resume"), "{complaint}");
    fs::remove_file(&ledger).expect("removed");
    assert_eq!(told(&as_a_user(home.path(), &sweep).output().expect("it runs")), (Some(0), String::new()));
    let left: Vec<PathBuf> = contents(&out).into_keys().filter(|path| path.starts_with(".gtnet-sim")).collect();
    assert!(left.is_empty() && !ledger.exists(), "{left:?}");
}

/// The program knows that it cannot write to a folder, or move what is in it, before it simulates anything.
#[cfg(unix)]
#[test]
fn what_is_write_protected_is_known_before_the_work() {
    let home = TempDir::new().expect("a folder");
    give(home.path(), 0o755);
    let run = || {
        let all = ["run", "quick.toml", "--replications", "1", "--quiet", "--out", "out"];
        told(&as_a_user(home.path(), &all).output().expect("it runs"))
    };
    assert_eq!(run(), (Some(0), String::new()));
    let out = home.path().join("out");
    write(&out, &[("mine/notes.md", "mine")]);
    give(&out, 0o755);
    for protected in ["charts", "mine"] {
        give(&out.join(protected), 0o555);
        let before: BTreeMap<_, _> = contents(home.path());
        let (code, complaint) = run();
        assert_eq!(code, Some(2), "{protected}: {complaint}");
        assert!(complaint.contains("cannot move") && complaint.contains(protected), "{complaint}");
        assert!(contents(home.path()) == before, "{protected}: not as before");
        give(&out.join(protected), 0o755);
    }
    assert_eq!(run(), (Some(0), String::new()));
    // So is a folder that takes no file, within one that takes none either.
    give(&out, 0o555);
    give(home.path(), 0o555);
    let before = contents(home.path());
    let (code, complaint) = run();
    assert!(contents(home.path()) == before, "not as before");
    give(home.path(), 0o755);
    give(&out, 0o755);
    assert_eq!(code, Some(2), "{complaint}");
    assert!(complaint.contains("cannot create a file in"), "{complaint}");
}

/// A volume, as a container has it: results go there, stay as they are if it is full, and what is its reader's stays.
#[cfg(target_os = "linux")]
#[test]
fn a_volume_takes_results() {
    let home = TempDir::new().expect("a folder");
    let script = r#"
        set -e
        mkdir out
        mount -t tmpfs -o size=8M none out
        run() { "$0" run "$1" --replications 1 --quiet --out out "${@:2}"; }
        mkdir out/lost+found
        run "$1"
        echo mine > out/notes.md
        run "$1"
        cp -a out whole
        head -c 200K /dev/zero > out/reserve
        head -c 100M /dev/zero > out/fill 2>/dev/null || true
        rm out/reserve
        if run "$1" --seed 7; then exit 1; else echo "rc=$?" > rc; fi
        rm out/fill
        cp -a out after
        if "$0" sweep "$1" --set group.client.count=2,3 --replications 1 --quiet --out out; then cp -a out swept; fi
    "#;
    let mut command = Command::new("unshare");
    command.current_dir(home.path()).args(["-rm", "bash", "-c", script, env!("CARGO_BIN_EXE_gtnet-sim"), &quick()]);
    // Found out apart: what fails in the script itself is a failure.
    let mount = "mkdir probe && mount -t tmpfs none probe";
    let probe = Command::new("unshare").current_dir(home.path()).args(["-rm", "bash", "-c", mount]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("skipped: nothing can be mounted here");
        return;
    }
    let (code, complaint) = told(&command.output().expect("unshare runs"));
    assert_eq!(code, Some(0), "{complaint}");
    assert!(complaint.contains("No space left on device"), "{complaint}");
    assert_eq!(fs::read_to_string(home.path().join("rc")).expect("text"), "rc=1\n");
    let whole = contents(&home.path().join("whole"));
    assert_eq!(run_to(home.path(), "reference").0, Some(0));
    let mut expected = contents(&home.path().join("reference"));
    expected.insert("notes.md".into(), b"mine\n".to_vec());
    assert!(whole == expected, "not the results of any other folder");
    assert!(contents(&home.path().join("after")) == whole, "a full volume has changed the results");
    let swept = contents(&home.path().join("swept"));
    assert!(swept.contains_key(Path::new("points/001.toml")) && swept.contains_key(Path::new("notes.md")));
    assert!(swept.keys().all(|path| !path.starts_with(".gtnet-sim")), "something is left");
}
