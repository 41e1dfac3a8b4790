//! Large files in large pages: most of the time of reading a file of hundreds of megabytes goes into handing out its memory
//! four kilobytes at a time.
#![allow(unsafe_code)]

/// Buffers of fewer bytes are not worth asking for.
const LARGE: usize = 8 << 20;

/// An empty buffer with room for so many bytes, in large pages where the system has them.
pub(super) fn buffer(bytes: usize) -> Vec<u8> {
    let buffer: Vec<u8> = Vec::with_capacity(bytes);
    #[cfg(target_os = "linux")]
    if bytes >= LARGE {
        use rustix::mm::{Advice, madvise};
        let page = rustix::param::page_size();
        let inset = buffer.as_ptr().align_offset(page);
        // SAFETY: the advice is about whole pages inside memory that `buffer` owns (`inset` is less than a page, and less
        // than `bytes`); it changes how the system backs them, and neither what they hold nor whether they are there.
        let asked = unsafe {
            madvise(
                buffer.as_ptr().wrapping_add(inset).cast_mut().cast(),
                bytes - inset,
                Advice::LinuxHugepage,
            )
        };
        // It is a wish: a system without large pages reads into small ones.
        let _ = asked;
    }
    buffer
}
