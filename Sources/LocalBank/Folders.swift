#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Folders with the mode and owner they must have.
enum Folders {
    /// Makes a folder and those above it.
    ///
    /// A folder that exists keeps its mode, except that one with an `owner` is given to it and
    /// gets `mode`: what is inside such a folder relies on nobody else reaching it.
    static func make(
        _ path: String, mode: mode_t, owner: SystemUser? = nil, passableBy client: SystemUser? = nil
    ) throws(Files.Failure) {
        var missing: [String] = []
        var next = path
        while next != "/", !Files.exists(next), errno == ENOENT {
            missing.append(next)
            next = Host.parent(of: next)
        }
        for folder in missing.reversed() where mkdir(folder, mode) != 0 && errno != EEXIST {
            throw Files.Failure()
        }
        // A link here is the home's own: to a larger disk, for example.
        let folder = try Files.open(path, O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        if let owner { try give(folder, to: owner, passableBy: client, mode: mode) }
        try Files.check(access(path, W_OK | X_OK))
    }

    /// Makes a folder that only this user can enter, where there is none.
    static func makeNew(_ path: String) throws(Files.Failure) {
        try Files.check(mkdir(path, 0o700))
    }

    /// Makes a folder in a place that everyone can write to, or checks that the one found there
    /// is a real folder of the owner's that nobody else can enter.
    static func makePrivate(
        _ path: String, owner: SystemUser, passableBy client: SystemUser? = nil
    ) throws(Files.Failure) {
        let isNew = mkdir(path, 0o700) == 0
        guard isNew || errno == EEXIST else { throw Files.Failure() }
        // What is looked at is what is given: nobody can put a link in its place meanwhile.
        let folder = try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        defer { close(folder) }
        var info = stat()
        try Files.check(fstat(folder, &info))
        guard isPrivate(info, owner: isNew ? .current : owner) else {
            throw Files.Failure(number: EPERM)
        }
        try give(folder, to: owner, passableBy: client, mode: 0o700)
    }

    /// - Parameter client: whose group may pass through the folder as well.
    private static func give(
        _ folder: Int32, to owner: SystemUser, passableBy client: SystemUser?, mode: mode_t
    ) throws(Files.Failure) {
        try Files.check(fchown(folder, owner.userID, client?.groupID ?? owner.groupID))
        try Files.check(fchmod(folder, client == nil ? mode : mode | 0o010))
    }

    /// Whether it is a real folder of the owner's that nobody else can enter, but for a group that the
    /// owner has let pass.
    static func isPrivate(_ path: String, owner: SystemUser) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && isPrivate(info, owner: owner)
    }

    private static func isPrivate(_ info: stat, owner: SystemUser) -> Bool {
        info.st_mode & S_IFMT == S_IFDIR && info.st_mode & 0o067 == 0
            && info.st_uid == owner.userID
    }

    /// The first folder on the way to `path` that the user may not pass through.
    static func obstacle(on path: String, for user: SystemUser) -> String? {
        var folder = ""
        for name in path.unicodeScalars.split(separator: "/") {
            folder += "/\(Substring(name))"
            var info = stat()
            guard stat(folder, &info) == 0 else { return folder }
            let bit: mode_t =
                info.st_uid == user.userID ? 0o100 : info.st_gid == user.groupID ? 0o010 : 0o001
            if info.st_mode & bit == 0 { return folder }
        }
        return nil
    }

    /// Deletes a file, or a folder and all in it. Symbolic links are deleted, not followed.
    ///
    /// Each folder is held open and its members deleted relative to it: root deletes what other
    /// users own, and they must not be able to put a link in the way meanwhile.
    static func removeAll(_ path: String) throws(LocalBankError) {
        do throws(Files.Failure) {
            try remove(path, in: AT_FDCWD)
        } catch {
            throw LocalBankError(
                .homeUnusable, "cannot delete \(path): \(error)",
                advice: "delete it by hand")
        }
    }

    private static func remove(_ name: String, in parent: Int32) throws(Files.Failure) {
        do throws(Files.Failure) {
            let folder = try Files.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, in: parent)
            defer { close(folder) }
            for member in Files.names(in: folder) { try remove(member, in: folder) }
            try Files.check(unlinkat(parent, name, AT_REMOVEDIR))
        } catch {
            if error.number == ENOENT { return }
            // A file, or a link: ELOOP on macOS, ENOTDIR on Linux.
            guard error.number == ENOTDIR || error.number == ELOOP else { throw error }
            guard unlinkat(parent, name, 0) == 0 || errno == ENOENT else { throw Files.Failure() }
        }
    }
}
