#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension Folders {
    /// Deletes a file, or a folder and all in it. Symbolic links are deleted, not followed.
    ///
    /// Each folder is held open and its members deleted relative to it: root deletes what other
    /// users own, and they must not be able to put a link in the way meanwhile.
    static func removeAll(_ path: String) throws(LocalBankError) {
        do throws(Files.Failure) {
            try remove(path, in: AT_FDCWD)
        } catch {
            throw LocalBankError(
                .homeUnusable, "cannot delete \(path): \(error.message)",
                advice: "delete it by hand")
        }
    }

    private static func remove(_ name: String, in parent: Int32) throws(Files.Failure) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let folder = openat(parent, name, flags)
        guard folder >= 0 else {
            if errno == ENOENT { return }
            // A file, or a link: ELOOP on macOS, ENOTDIR on Linux.
            guard errno == ENOTDIR || errno == ELOOP else { throw Files.Failure(number: errno) }
            return try check(unlinkat(parent, name, 0))
        }
        defer { close(folder) }
        for member in Files.names(in: folder) { try remove(member, in: folder) }
        try check(unlinkat(parent, name, AT_REMOVEDIR))
    }

    private static func check(_ result: Int32) throws(Files.Failure) {
        let number = errno
        guard result == 0 || number == ENOENT else { throw Files.Failure(number: number) }
    }
}
