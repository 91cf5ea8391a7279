import Foundation
import Ledger
import NIOCore
import Testing

@testable import BankAPI
@testable import BankServer

@Suite struct JSONTests {
    /// Any JSON value, as Foundation reads it.
    private enum Reference: Decodable, Hashable {
        case null, bool(Bool), number(Double), string(String), array([Reference])
        case object([String: Reference])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Reference].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Reference].self))
            }
        }

        init(_ value: JSONValue) throws {
            switch value {
            case .null: self = .null
            case .bool(let value): self = .bool(value)
            case .number(let literal): self = .number(try #require(Double(literal)))
            case .string(let value): self = .string(value)
            case .array(let values): self = .array(try values.map { try Reference($0) })
            case .object(let members):
                self = .object(
                    try Dictionary(
                        members.map { ($0.name, try Reference($0.value)) },
                        uniquingKeysWith: { $1 }))
            }
        }
    }

    static let texts = [
        "{}", " { } ", "[]", "[1,2]", "[,1]", "{a:1}", "{\"a\" : [true] }",
        "0", "-0", "01", "-", "1.", ".5", "1.5e+10", "1e", "1E-2", "+1", "1e400x", "true", "tru",
        "nul", "null", "False", "\"\"", "\"a", "\"\\u00e9\\n\\/\"", "\"\\ud83c\\udfe6\"",
        "\"\\ud83c\"", "\"\\udfe6\"", "\"\\ud83cx\"", "\"\\ud83c\\n\"", "\"\\x\"", "\"\\u12\"",
        "\"tab\there\"", "\"é🏦\"", "\u{feff}{}x", "", " ", "{}{}", "{\"a\":1 \"b\":2}", "[1 2]",
        "{\"a\"}", "{\"a\":}", "'a'", "/**/1", "\"\\u0000\"", "[[[[]]]]", "{\"a\":{\"b\":[null]}}",
    ]

    @Test(arguments: texts) func agreesWithFoundation(text: String) throws {
        let bytes = Array(text.utf8)
        let reference = try? JSONDecoder().decode(Reference.self, from: Data(bytes))
        let value = try? JSONValue(parsing: bytes)
        #expect(try value.map { try Reference($0) } == reference)
    }

    /// Bytes changed at random: it refuses what Foundation refuses, reads the same, and never traps.
    @Test func agreesWithFoundationOnDamagedTexts() throws {
        let valid = Array(
            #"{"id":"a\u00e9\\","n":[-15,0,true,null],"o":{"x":"\ud83c\udfe6"}}"#.utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let index = bytes.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(valid.randomElement(using: &generator) ?? 0, at: index)
                default: bytes[index] = UInt8.random(in: 0x20...0x7f, using: &generator)
                }
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            let reference = try JSONDecoder().decode(Reference.self, from: Data(bytes))
            #expect(try Reference(value) == reference, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test(
        arguments: [[0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0x01, 0x22]] as [[UInt8]])
    func refusesWhatIsNotUTF8OrAControl(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    /// Foundation lets them pass, and RFC 8259 does not.
    @Test(arguments: ["[1,]", "{\"a\":1,}"]) func refusesTrailingCommas(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func refusesTwins() {
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: Array("{\"a\":1,\"\\u0061\":2}".utf8))
        }
    }
}

@Suite struct TransferJSONTests {
    @Test func writesWhatTheEncoderWrites() throws {
        let account = try AccountNumber(FakeBalances.known)
        let id = FakeLedger.id
        let created = Timestamp(microseconds: 1_700_000_000_000_001)
        for currency in [Currency.usd, .jpy, .kwd] {
            for units in [Int64.min, 0, 5, .max] {
                let amount = Money(minorUnits: units, currency: currency)
                let leg = RecordedTransfer.Leg(version: .max, balanceAfter: units)
                let records = [
                    RecordedTransfer(id: id, kind: .void, createdAt: created),
                    RecordedTransfer(
                        id: id, kind: .post, hold: id, createdAt: created, refusal: .holdExpired),
                    RecordedTransfer(
                        id: id, kind: .transfer, debit: account, credit: account, amount: amount,
                        memo: try ShortText("\"é\\/🏦\""), hold: id, reverses: id, holdSeconds: 60,
                        createdAt: created, refusal: .alreadyReversed, debitLeg: leg,
                        creditLeg: leg),
                    RecordedTransfer(
                        id: id, kind: .deposit, credit: account, amount: amount,
                        createdAt: created, creditLeg: leg),
                ].map { Transfer($0) }
                for transfer in records {
                    try expectAsTheEncoderWrites(transfer)
                }
                var mixed = records.map { TransferBatchAnswer.Outcome($0) }
                mixed.append(.init(Problem.refused(.sameAccount)))
                for outcomes in [[], mixed] {
                    let answer = TransferBatchAnswer(outcomes: outcomes)
                    try expectAsTheEncoderWrites(answer)
                }
                for transfers in [[], records] {
                    let answer = TransferLookupAnswer(ledger: id, transfers: transfers)
                    try expectAsTheEncoderWrites(answer)
                }
            }
        }
    }

    private func expectAsTheEncoderWrites<Body: WrittenBody & Decodable & Equatable>(
        _ body: Body
    ) throws {
        let bytes = Array(body.json.readableBytesView)
        #expect(try bytes == BankJSON.encode(body))
        #expect(try BankJSON.decoder().decode(Body.self, from: Data(bytes)) == body)
    }
}
