//! Turns to change a cart: of this process one change of a cart at a time, so that each starts from what the one before it has left.

use tokio::sync::{Mutex, MutexGuard};

/// The number of turns that there are, one for each first byte of a hash. Carts share them: a turn lasts for one read and one write.
const TURNS: usize = 256;

static ALL: [Mutex<()>; TURNS] = [const { Mutex::const_new(()) }; TURNS];

/// A turn to change the cart of this hash, for as long as it is held.
pub async fn turn(cart_hash: &str) -> MutexGuard<'static, ()> {
    ALL[place(cart_hash)].lock().await
}

fn place(cart_hash: &str) -> usize {
    let first = cart_hash.get(..2).and_then(|first| u8::from_str_radix(first, 16).ok());
    first.map_or(0, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s94_a_cart_has_one_turn_at_a_time_and_others_have_theirs() {
        let (one, other) = ("ab".repeat(32), "cd".repeat(32));
        assert_ne!(place(&one), place(&other));
        let held = turn(&one).await;
        assert!(ALL[place(&one)].try_lock().is_err());
        drop(turn(&other).await);
        drop(held);
        assert!(ALL[place(&one)].try_lock().is_ok());
    }
}
