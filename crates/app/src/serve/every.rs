//! Work that is done again and again beside the pages.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Slices of a pause, so that the program stops at once.
const SLICE: Duration = Duration::from_millis(250);

/// A thread that works, pauses, and works again, until it is dropped.
pub struct Every {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Every {
    /// Starts it. The first work begins at once.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(name: &str, pause: Duration, work: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            while !stopped.load(Ordering::SeqCst) {
                work();
                let mut waited = Duration::ZERO;
                while waited < pause && !stopped.load(Ordering::SeqCst) {
                    thread::sleep(SLICE);
                    waited += SLICE;
                }
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Every {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
