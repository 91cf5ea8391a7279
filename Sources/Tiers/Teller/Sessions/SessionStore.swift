import BankAPI
import BankClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sessions of this user, one for each bank's address, in a file that only she can read. The calls
/// block, for a moment.
struct SessionStore: Sendable {
    let path: String

    /// In this user's state folder.
    ///
    /// - Returns: `nil` when there is neither `XDG_STATE_HOME` nor `HOME`.
    static func standard() -> SessionStore? {
        StateFolder.path(of: "sessions.json").map { SessionStore(path: $0) }
    }

    func session(at server: BankAddress) throws(TellerError) -> KeptSession? {
        try read().first { $0.server == server.description }
    }

    /// Keeps a session in the place of an earlier one there.
    ///
    /// - Returns: that one, if there was one.
    func keep(_ session: KeptSession) throws(TellerError) -> KeptSession? {
        var earlier: KeptSession?
        try change { sessions in
            earlier = sessions.first { $0.server == session.server }
            sessions.removeAll { $0.server == session.server }
            sessions.append(session)
        }
        return earlier
    }

    /// - Parameter session: another one that was kept meanwhile stays.
    func forget(_ session: KeptSession) throws(TellerError) {
        try change { $0.removeAll { $0 == session } }
    }

    private func read() throws(TellerError) -> [KeptSession] {
        let bytes: [UInt8]
        do throws(PrivateFileError) {
            guard let found = try PrivateFile.read(path) else { return [] }
            bytes = found
        } catch {
            throw failure(error)
        }
        do {
            return try BankJSON.decoder().decode([KeptSession].self, from: .init(bytes))
        } catch {
            throw TellerError(
                .dataError, "the file of sessions \(path) is damaged",
                advice: "delete it, and sign in again")
        }
    }

    private func change(_ body: (inout [KeptSession]) -> Void) throws(TellerError) {
        do {
            // So that two that sign in at once do not lose one another's session.
            let lock = try PrivateFile.lockFolder(of: path)
            defer { lock.release() }
            var sessions = try read()
            body(&sessions)
            try PrivateFile.replace(path, with: try BankJSON.encode(sessions))
        } catch let error as PrivateFileError {
            throw failure(error)
        } catch let error as TellerError {
            throw error
        } catch {
            throw TellerError(.software, "the session cannot be written as JSON")
        }
    }

    private func failure(_ error: PrivateFileError) -> TellerError {
        TellerError(
            error.isOfUse ? .configuration : .cannotCreate,
            "the file of sessions \(path) \(error.message)",
            advice: error.isOfUse
                ? error.advice(path) : "set XDG_STATE_HOME to a folder that you can write to")
    }
}
