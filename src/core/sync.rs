//! Locks that a panic cannot take from everybody else.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock, be it that another thread panicked while it held it: what is kept behind locks here is whole after
/// every statement, and a case that panics is reported as broken while the others go on.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_elsewhere_keeps_nobody_out() {
        let kept = Mutex::new(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            *locked(&kept) = 2;
            let _held = locked(&kept);
            panic!("while it is held");
        }));
        assert!(panicked.is_err() && kept.is_poisoned());
        assert_eq!(*locked(&kept), 2);
    }
}
