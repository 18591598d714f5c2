//! The program as a child process: how it ended, and how much memory it took. Nothing it does can hurt the machine.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Address space that a child gets, in KiB: what a good scenario of the generators needs many times over.
const ADDRESS_SPACE_KIB: u64 = 6 << 20;

/// How the program ended.
pub(super) struct Ended {
    /// The exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// The most memory that was resident, in bytes; 0 where the system does not tell, or it ended at once.
    pub(super) peak_memory_bytes: u64,
    what: String,
}

/// Runs the program in `folder` and holds it to what is promised of every call.
pub(super) fn run<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Ended {
    let mut child = limited()
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(fs::File::create(folder.join(".stdout")).expect("a file"))
        .stderr(fs::File::create(folder.join(".stderr")).expect("a file"))
        .spawn()
        .expect("the program starts");
    let (code, peak_memory_bytes) = wait(&mut child);
    let read = |name| String::from_utf8_lossy(&fs::read(folder.join(name)).expect("a file")).into_owned();
    let words: Vec<_> = arguments.iter().map(|word| word.as_ref().to_string_lossy()).collect();
    let ended = Ended {
        code,
        stdout: read(".stdout"),
        stderr: read(".stderr"),
        peak_memory_bytes,
        what: format!("gtnet-sim {}", words.join(" ")),
    };
    ended.keeps_promises();
    ended
}

impl Ended {
    /// What holds of every call, whatever its input is.
    fn keeps_promises(&self) {
        let known = matches!(self.code, Some(0 | 1 | 2 | 130));
        assert!(known, "it ends with {:?}: {self}", self.code);
        assert!(!self.stderr.contains("panicked"), "it panics: {self}");
        assert!(self.code != Some(2) || !self.stderr.trim().is_empty(), "it refuses without a word: {self}");
        let is_raw = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
        let raw = self.stdout.chars().chain(self.stderr.chars()).find(is_raw);
        assert!(raw.is_none(), "it prints {raw:?} as it is: {self}");
    }

    pub(super) fn is_good(&self) -> bool {
        self.code == Some(0)
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |text: &str| text.chars().take(3_000).collect::<String>();
        write!(f, "{}\n--- stderr\n{}\n--- stdout\n{}", self.what, short(&self.stderr), short(&self.stdout))
    }
}

/// The program with a bound on its memory, where there is a shell to set it.
fn limited() -> Command {
    let program = assert_cmd::cargo::cargo_bin("gtnet-sim");
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -c 0; ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"")).arg(program);
        shell
    } else {
        Command::new(program)
    };
    for variable in ["RUST_BACKTRACE", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

/// Waits for the end; meanwhile looks at the memory, as after the end nobody tells it any more.
fn wait(child: &mut Child) -> (Option<i32>, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut peak_memory_bytes = 0;
    loop {
        if let Ok(status) = fs::read_to_string(&status) {
            peak_memory_bytes = peak_memory_bytes.max(high_water_mark(&status).unwrap_or(0));
        }
        if let Some(ended) = child.try_wait().expect("a child") {
            return (ended.code(), peak_memory_bytes);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}
