//! Numbers as if by chance that are the same on every machine and in every version.

/// What the state of splitmix64 grows by, from one number to the next.
pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number of a state: the mixing step of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
pub fn mixed(state: u64) -> u64 {
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let state = 1_234_567_u64.wrapping_add(STEP);
        let numbers = [mixed(state), mixed(state.wrapping_add(STEP))];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }
}
