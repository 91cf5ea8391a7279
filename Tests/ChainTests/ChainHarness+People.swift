import BankAPI
import Chain
import Foundation
import Ledger
import TestSupport

/// Who asks the chain.
extension ChainHarness {
    /// Runs `balance-service user`, and returns what it says.
    func user(
        _ words: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32?, output: String) {
        try await Executables.run(
            [Executables.balanceService, "user"] + words,
            environment: environment.merging(["DATABASE_URL": database]) { $1 })
    }

    /// Makes the owners of the demo accounts, and an operator.
    /// - Returns: Their passwords, by their names.
    func makePeople() async throws -> [String: String] {
        let made = try await user("demo")
        guard made.status == 0 else { throw TestFailure(made.output) }
        return Dictionary(
            uniqueKeysWithValues: made.output.split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                return (words[0], words[1])
            })
    }

    func logIn(_ user: String, _ password: String) async throws -> OpenedSession {
        try await ask(
            "POST", BankRoute.sessions,
            LogIn(user: user, password: Secret(password), client: try ShortText("tests 1")))
    }

    /// Asks, and reads the answer as `Value`.
    func ask<Value: Decodable>(
        _ method: String, _ path: String, _ body: (any Encodable)? = nil,
        token: SessionToken? = nil, for type: Value.Type = Value.self
    ) async throws -> Value {
        let answer = try await answer(
            method, path, try body.map { try BankJSON.encode($0) } ?? [],
            authorization: token?.authorization)
        return try BankJSON.decoder().decode(Value.self, from: Data(answer.body.utf8))
    }

    /// Asks, and takes whatever is answered.
    func answer(
        _ method: String, _ path: String, _ body: [UInt8] = [], authorization: String? = nil
    ) async throws -> HTTPAnswer {
        var connection = BankConnection(bank.address)
        defer { connection.close() }
        let reply = await connection.send(
            method, path, body: body,
            headers: authorization.map { ["Authorization": $0] } ?? [:], timeout: .seconds(30))
        guard case .answered(let answer) = reply else { throw TestFailure("\(path): \(reply)") }
        return answer
    }
}
