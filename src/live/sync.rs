//! A mutex whose data stays whole whatever happens to who holds it.

use std::sync::{Mutex, MutexGuard};

/// Locks. That another holder panicked changes nothing: each change here is one call.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
