import BankAPI
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes a value, or an error, of what a server answered: whoever it is.
struct AnswerReader: Sendable {
    var address: BankAddress
    var timeout: Duration

    func value<Value: Decodable>(
        _ answer: RawAnswer, as type: Value.Type
    ) throws(BankClientError) -> Value {
        guard answer.status == 200 else { throw failure(answer) }
        guard answer.mediaType == "application/json" else {
            throw notABank("it answers with \(Self.name(answer.mediaType))")
        }
        return try decode(answer.body, as: type)
    }

    private func decode<Value: Decodable>(
        _ body: ByteBuffer, as type: Value.Type
    ) throws(BankClientError) -> Value {
        do {
            return try BankJSON.decoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw notABank(Self.reason(error))
        } catch {
            throw notABank("its answer is not JSON")
        }
    }

    /// The problem document that the answer is, if it is one.
    func problem(_ answer: RawAnswer) -> Problem? {
        guard answer.mediaType == Problem.mediaType else { return nil }
        return try? decode(answer.body, as: Problem.self)
    }

    private func failure(_ answer: RawAnswer) -> BankClientError {
        if let problem = problem(answer) {
            return error(.problem(problem, status: answer.status))
        }
        switch answer.status {
        case 300..<400:
            return notABank("it redirects to another address, which is not followed")
        case 502, 503, 504:
            return error(.proxy(status: answer.status))
        default:
            return notABank("it answers \(answer.status) with \(Self.name(answer.mediaType))")
        }
    }

    func notABank(_ reason: String) -> BankClientError {
        error(.notABank(reason))
    }

    func error(_ reason: BankClientError.Reason) -> BankClientError {
        BankClientError(reason, at: address, timeout: timeout)
    }

    private static func name(_ mediaType: String) -> String {
        mediaType.isEmpty ? "no content type" : String(mediaType.prefix(40))
    }

    private static func reason(_ error: DecodingError) -> String {
        let (context, what): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "has no '\(key.stringValue)'")
            case .typeMismatch(_, let context): (context, "has a value of another type")
            case .valueNotFound(_, let context): (context, "lacks a value")
            case .dataCorrupted(let context): (context, "has a value that is not valid")
            @unknown default: (.init(codingPath: [], debugDescription: ""), "is another")
            }
        if context.codingPath.isEmpty, case .dataCorrupted = error { return "it is not JSON" }
        let path = context.codingPath.map { key in
            key.intValue.map { "[\($0)]" } ?? key.stringValue
        }.joined(separator: ".")
        return path.isEmpty ? "its JSON \(what)" : "its JSON \(what) at \(path)"
    }
}
