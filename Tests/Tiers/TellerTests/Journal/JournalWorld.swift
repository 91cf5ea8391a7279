import BankAPI
import BankClient
import Ledger
import TestSupport

@testable import Teller

/// People, their tellers, one journal and a bank in one thread, where all that happens and goes wrong is chosen
/// by a seed: answers lost, late or refused, a full disk, processes killed at each step, the power gone.
struct JournalWorld {
    /// Payments that a person wants done once.
    struct Wish {
        /// The id it is asked for under.
        var id: Identifier?
        /// Whether a try may have been done, so that no other id may be used.
        var isOpen = false
        var isFinished = false
    }

    /// A file that a person gives again until all of it is answered, and then once more.
    struct File {
        let lines: Int
        let isAtomic: Bool
        var bases: Set<Identifier> = []
        /// How often it was given to be done anew.
        var agains = 0
        var left = 2
    }

    enum Work {
        case send(Sending, wish: Int)
        case resume(ResumeSteps, ResumeSteps.Step)
        case file(FileSteps, FileSteps.Step, Sending?, file: Int)
    }

    struct Sending {
        var steps: SendSteps
        var step: SendSteps.Step
        /// What nobody has asked for before, so that only this can do it.
        var own: Set<Identifier> = []

        init(_ intents: [JournalIntent]) {
            steps = SendSteps(intents)
            step = steps.start
        }
    }

    /// What is not as it must be.
    struct Violation: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    static let ledger = Identifier(high: 1, low: 1)
    static let time = Timestamp(microseconds: 0)
    static let accounts = (1...3).compactMap { try? AccountNumber(bank: "DEMO", number: $0) }

    var random: SeededGenerator
    var journal: ModelJournal
    var bank = ModelBank()
    var wishes: [Wish]
    var files: [File]
    var isCalm = false
    /// Who asked for what under an id, where somebody was signed in.
    var owners: [Identifier: String] = [:]
    private var works: [Int: Work] = [:]
    private var processes = 0
    private var steps = 0
    private let elsewhere: JournalIntent

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        journal = ModelJournal([])
        wishes = Array(repeating: Wish(), count: random.number(0...4))
        files = []
        elsewhere = JournalIntent(
            attempt: random.id(), ledger: Identifier(high: 9, low: 9), server: "",
            time: Self.time, write: .close(Self.accounts[0], id: random.id()))
        journal = ModelJournal([.intent(elsewhere)])
        for _ in 0..<random.number(0...2) {
            files.append(File(lines: random.number(1...6), isAtomic: random.chance(30)))
        }
    }

    /// Runs until each person has what they want; after some time nothing fails any more.
    mutating func run() throws(Violation) {
        while !isOver {
            steps += 1
            isCalm = steps > 300
            guard steps < 5000 else { throw Violation("people still wait: \(wishes) \(files)") }
            try step()
        }
        try check()
    }

    private var isOver: Bool {
        wishes.allSatisfy(\.isFinished) && files.allSatisfy { $0.left == 0 } && works.isEmpty
            && !bank.hasLate && journal.pending.count == 1
    }

    private mutating func step() throws(Violation) {
        if random.chance(10) { bank.deliverLate(&random) }
        if !isCalm, random.chance(1) {
            for process in works.keys.sorted() { end(process, isKilled: true) }
            journal.losePower(&random)
        }
        let running = works.keys.sorted()
        guard running.count == 3 || !running.isEmpty && random.chance(80) else { return start() }
        let process = running[random.number(0...(running.count - 1))]
        guard let work = works[process] else { return }
        if !isCalm, random.chance(2) { return end(process, isKilled: true) }
        do {
            if let next = try go(on: work, as: process) {
                works[process] = next
            } else {
                end(process, isKilled: false)
            }
        } catch let violation as Violation {
            throw violation
        } catch {
            // Nobody is told anything.
            end(process, isKilled: true)
        }
    }

    private mutating func end(_ process: Int, isKilled: Bool) {
        journal.release(by: process)
        if case .send(_, let wish) = works.removeValue(forKey: process), isKilled {
            wishes[wish].isOpen = true
        }
    }

    // MARK: What people do

    private mutating func start() {
        processes += 1
        let kind = random.number(0...9)
        let free = wishes.indices.filter { !isAsked($0) && !wishes[$0].isFinished }
        if kind < 5, !free.isEmpty {
            ask(for: free[random.number(0...(free.count - 1))])
        } else if kind < 8, let file = files.indices.filter({ files[$0].left > 0 }).first {
            give(random.chance(70) ? file : files.count - 1)
        } else {
            works[processes] = .resume(ResumeSteps(), .read)
        }
    }

    private func isAsked(_ wish: Int) -> Bool {
        works.values.contains { work in
            if case .send(_, wish) = work { true } else { false }
        }
    }

    private mutating func ask(for wish: Int) {
        if wishes[wish].isOpen, let id = wishes[wish].id {
            // As 'teller pending' says.
            journal.sync()
            let isPending = journal.pending.contains { $0.intent.write.ids.contains(id) }
            // Asked again with its id, or left to who resumes.
            if isPending, random.chance(70) { return }
            if !isPending {
                wishes[wish].isOpen = false
                wishes[wish].isFinished = bank.records[id] != nil
                wishes[wish].id = nil
                return
            }
        }
        let id = wishes[wish].id ?? random.id()
        wishes[wish].id = id
        owners[id] = wish % 2 == 0 ? nil : "alice"
        let intent = intent(.transfer(request(5 + wish, id)), user: owners[id])
        works[processes] = .send(Sending([intent]), wish: wish)
    }

    private mutating func give(_ file: Int) {
        let isAgain = files[file].left < 2 && random.chance(15)
        if isAgain { files[file].agains += 1 }
        let given =
            isAgain || random.chance(80) ? nil : journal.runs.last { $0.sha256 == hash(file) }
        let steps = FileSteps(
            run: (hash(file), Self.ledger, Self.time), isAtomic: files[file].isAtomic,
            isAgain: isAgain, given: given?.base,
            fresh: .version7ToCountFrom(milliseconds: random.next() >> 17, using: &random),
            batch: files[file].isAtomic ? 6 : 2)
        works[processes] = .file(steps, steps.start, nil, file: file)
    }

    func hash(_ file: Int) -> String { "\(file)0000000000000000" }

    mutating func intent(_ write: BankWrite, user: String? = nil) -> JournalIntent {
        JournalIntent(
            attempt: random.id(), ledger: Self.ledger, server: "", time: Self.time, user: user,
            write: write)
    }

    func request(_ units: Int, _ id: Identifier) -> TransferRequest {
        let action = TransferRequest.Action.transfer(
            debit: Self.accounts[0], credit: Self.accounts[1 + units % 2],
            amount: Money(minorUnits: Int64(units), currency: .usd))
        return TransferRequest(id: id, action: action)
    }

    // MARK: What must be so

    private func check() throws(Violation) {
        guard journal.pending.map(\.intent) == [elsewhere] else { throw Violation("pending") }
        guard bank.order.allSatisfy({ !elsewhere.write.ids.contains($0) }) else {
            throw Violation("another ledger's write was asked for here")
        }
        let done = bank.order.filter(bank.isDone)
        var paid: [Int64: Int] = [:]
        for id in done { paid[bank.records[id]?.amount?.minorUnits ?? 0, default: 0] += 1 }
        for wish in wishes.indices where paid[Int64(5 + wish), default: 0] > 1 {
            throw Violation("payment \(wish) was made twice")
        }
        for (file, given) in files.enumerated() {
            let used = given.bases.filter { bank.records[$0] != nil }
            guard used.count <= 1 + given.agains else {
                throw Violation("file \(file) was paid \(used.count) times")
            }
            for base in used {
                let ids = (0..<given.lines).compactMap { base.advanced(by: UInt64($0)) }
                let places = ids.compactMap { bank.order.firstIndex(of: $0) }
                guard places == places.sorted() else { throw Violation("file \(file): disorder") }
            }
        }
    }
}

extension SeededGenerator {
    mutating func id() -> Identifier {
        Identifier.version7(milliseconds: next() >> 17, using: &self)
    }
}
