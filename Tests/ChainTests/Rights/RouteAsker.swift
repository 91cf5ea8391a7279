import BankAPI
import Chain
import Foundation
import Ledger
import TestSupport

/// Somebody who asks a bank server.
struct RouteAsker: Sendable {
    typealias Rule = RightsRule<RouteAsker>

    let bank: HostAndPort
    let authorization: String
    let traceID: String

    init(_ bank: HostAndPort, _ token: RightsMatrix<RouteAsker>.Token, _ traceID: String) {
        self.bank = bank
        self.traceID = traceID
        authorization =
            switch token {
            case .none: ""
            case .malformed: "Bearer tlr_x"
            case .of(let session): session.authorization
            }
    }

    /// - Parameter code: What an answer comes to that is no problem.
    func get(
        _ path: String, code: @Sendable (HTTPAnswer) -> String = { _ in "" }
    ) async throws -> RightsVerdict {
        let answer = try await send("GET", path, [], traceID)
        let head = try await send("HEAD", path, [], nil)
        guard head.status == answer.status, head.body.isEmpty else {
            return .init("HEAD \(head.status)", answer.body)
        }
        let problem = verdict(answer)
        return problem == .done ? .init(code(answer)) : problem
    }

    /// - Parameter code: What an answer comes to that is no problem.
    func write(
        _ method: String, _ path: String, _ body: (any Encodable)? = nil,
        code: @Sendable (HTTPAnswer) -> String = { _ in "" }
    ) async throws -> RightsVerdict {
        let bytes = try body.map { try BankJSON.encode($0) } ?? []
        let answer = try await send(method, path, bytes, traceID)
        let problem = verdict(answer)
        return problem == .done ? .init(code(answer)) : problem
    }

    private func send(
        _ method: String, _ path: String, _ body: [UInt8], _ traceID: String?
    ) async throws -> HTTPAnswer {
        // Of one address not all tries would be kept.
        let bytes = [UInt8].random(3)
        var connection = BankConnection(
            bank, from: "127.\(bytes.map { "\($0)" }.joined(separator: "."))")
        defer { connection.close() }
        var headers = ["authorization": authorization]
        if let traceID {
            headers[TraceContext.headerName] = "00-\(traceID)-00f067aa0ba902b7-00"
        }
        let reply = await connection.send(
            method, path, body: body, headers: headers, timeout: .seconds(30))
        guard case .answered(let answer) = reply else { throw TestFailure("\(path): \(reply)") }
        return answer
    }

    /// A code with the status that goes with it; of a batch of one, of its outcome.
    private func verdict(_ answer: HTTPAnswer) -> RightsVerdict {
        guard let code = answer.problemCode else {
            return answer.status == 200 ? .done : .init("status \(answer.status)")
        }
        let isStatus = answer.status == ProblemCode(rawValue: code).status
        let isOutcome = answer.status == 200 && answer.body.hasPrefix(#"{"outcomes":"#)
        let text = answer.body.replacing(/"trace_id" ?: ?"[0-9a-f]+"/, with: "")
        return .init(isStatus || isOutcome ? code : "\(code) with \(answer.status)", text)
    }
}

extension [UInt8] {
    fileprivate static func random(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in .random(in: 1...254) }
    }
}
