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
            throw Files.Failure(number: errno)
        }
        var info = stat()
        guard stat(path, &info) == 0 else { throw Files.Failure(number: errno) }
        guard info.st_mode & S_IFMT == S_IFDIR else { throw Files.Failure(number: ENOTDIR) }
        if let owner {
            // A link here is the home's own: to a larger disk, for example.
            let folder = try open(path, following: true)
            defer { close(folder) }
            try give(folder, to: owner, passableBy: client, mode: mode)
        }
        guard access(path, W_OK | X_OK) == 0 else { throw Files.Failure(number: errno) }
    }

    /// Makes a folder in a place that everyone can write to, or checks that the one found there
    /// is a real folder of the owner's that nobody else can enter.
    static func makePrivate(
        _ path: String, owner: SystemUser, passableBy client: SystemUser? = nil
    ) throws(Files.Failure) {
        let isNew = mkdir(path, 0o700) == 0
        guard isNew || errno == EEXIST else { throw Files.Failure(number: errno) }
        // What is looked at is what is given: nobody can put a link in its place meanwhile.
        let folder = try open(path, following: false)
        defer { close(folder) }
        var info = stat()
        guard fstat(folder, &info) == 0 else { throw Files.Failure(number: errno) }
        guard isPrivate(info, owner: isNew ? .current : owner) else {
            throw Files.Failure(number: EPERM)
        }
        try give(folder, to: owner, passableBy: client, mode: 0o700)
    }

    private static func open(_ path: String, following: Bool) throws(Files.Failure) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (following ? 0 : O_NOFOLLOW)
        let folder = openat(AT_FDCWD, path, flags)
        guard folder >= 0 else { throw Files.Failure(number: errno) }
        return folder
    }

    /// - Parameter client: whose group may pass through the folder as well.
    private static func give(
        _ folder: Int32, to owner: SystemUser, passableBy client: SystemUser?, mode: mode_t
    ) throws(Files.Failure) {
        guard fchown(folder, owner.userID, client?.groupID ?? owner.groupID) == 0,
            fchmod(folder, client == nil ? mode : mode | 0o010) == 0
        else { throw Files.Failure(number: errno) }
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
                if info.st_uid == user.userID {
                    0o100
                } else if info.st_gid == user.groupID {
                    0o010
                } else {
                    0o001
                }
            if info.st_mode & bit == 0 { return folder }
        }
        return nil
    }
}
