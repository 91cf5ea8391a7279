#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Why the journal could not be used.
enum JournalFailure: Error, Sendable, Hashable {
    case system(Int32)
    /// What was appended is not sure to last, and could not be taken back.
    case leftOver(Int32)
    case notAFile
    case locked
    case unwritable

    /// Follows on the journal's path.
    var message: String {
        switch self {
        case .system(let number): "cannot be used: \(String(cString: strerror(number)))"
        case .leftOver(let number):
            "cannot be used, and may have it: \(String(cString: strerror(number)))"
        case .notAFile: "is not a file"
        case .locked: "is held by another teller"
        case .unwritable: "cannot hold this"
        }
    }

    var status: ExitStatus {
        switch self {
        case .system(ENOSPC), .system(EDQUOT), .system(EIO), .system(EFBIG): .ioError
        case .system, .notAFile: .cannotCreate
        case .leftOver: .ioError
        case .locked: .temporaryFailure
        case .unwritable: .software
        }
    }

    var advice: String {
        switch self {
        case .system(ENOSPC), .system(EDQUOT), .system(EFBIG): "make room there, and try again"
        case .system, .leftOver, .notAFile: "set XDG_STATE_HOME to a folder that you can write to"
        case .locked: "try again when it has ended"
        case .unwritable: ""
        }
    }
}
