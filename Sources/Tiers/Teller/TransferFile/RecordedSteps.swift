import BankAPI
import BankClient
import Ledger

/// What the bank has already under the ids of a file's lines, looked up before any is sent.
struct RecordedSteps: Sendable {
    /// How a file ended whose lines all have the ledger's answer.
    struct End: Sendable, Hashable {
        enum Extent: Sendable { case all, some, none }

        var done: Extent
        /// By the bank's clock, of the last line.
        var time: Timestamp
    }

    private let steps: [(line: Int, request: TransferRequest)]
    private let records: [Identifier: Transfer]

    init(_ lines: FileSteps.Lines, _ records: [Transfer]) {
        steps = lines.compactMap { line in line.value.map { (line.number, $0) } }
        self.records = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    /// How the file ended; `nil` when there is something that was not asked, or whose answer is not
    /// known.
    var end: End? {
        let found = steps.compactMap { step in
            records[step.request.id]?.record.flatMap { step.request.isRecorded(as: $0) ? $0 : nil }
        }
        guard found.count == steps.count, let time = found.map(\.createdAt).max() else {
            return nil
        }
        let count = steps.count { done.contains($0.request.id) }
        return End(done: count == steps.count ? .all : count == 0 ? .none : .some, time: time)
    }

    /// The transfers that are done already.
    var done: Set<Identifier> { Set(records.values.filter(\.isDone).map(\.id)) }

    /// Checks that what is there is what the lines say: else the ids were made for another file, and
    /// a line that was done may have one anew.
    func checkFile(of base: Identifier) throws(TellerError) {
        for step in steps {
            guard let record = records[step.request.id], !step.request.isRecorded(as: record)
            else { continue }
            throw TellerError(
                .dataError,
                "line \(step.line): the bank has another transfer under its id \(record.id): this is "
                    + "not the file that \(base) was made for, or it was changed",
                advice: "nothing was sent")
        }
    }

    /// Checks that not just a part of a group is done: what is done stays so, and nobody could do
    /// the rest with it or undo it.
    func checkGroup() throws(TellerError) {
        let done = steps.filter { step in
            guard let record = records[step.request.id] else { return false }
            return record.isDone && step.request.isRecorded(as: record)
        }
        guard let first = done.first, done.count < steps.count else { return }
        throw TellerError(
            .dataError,
            "line \(first.line): transfer \(first.request.id) is done already, as are "
                + "\(done.count) of the file's \(steps.count): --atomic does all of them or none",
            advice: "nothing was sent; without --atomic, and else the same, the others are done")
    }
}

extension JournaledBank {
    /// - Throws: when the bank cannot be asked. Nothing was sent then.
    func recorded(_ lines: FileSteps.Lines) async throws(TellerError) -> RecordedSteps {
        let ids = lines.compactMap(\.value?.id)
        var records: [Transfer] = []
        do throws(TellerError) {
            for start in stride(from: 0, to: ids.count, by: TransferLookup.limit) {
                let some = Array(ids[start...].prefix(TransferLookup.limit))
                let answer = try await asking(await client.restarted().lookUp(some))
                guard answer.ledger == ledger else {
                    throw TellerError(
                        .unavailable, "the ledger was replaced meanwhile", at: .hop1(client.address)
                    )
                }
                records += answer.transfers
            }
        } catch {
            throw error.advising("nothing was sent")
        }
        return RecordedSteps(lines, records)
    }
}
