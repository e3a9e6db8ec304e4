import Distillation
import Telemetry
import Tensors
import Training

// The actions of the machine, carried out.

extension CoordinatorDriver {
    func perform(_ actions: [CoordinatorMachine.Action]) {
        for action in actions {
            perform(action)
            // A diverged step is not completed.
            if case .diverged? = ending { return }
        }
    }

    private func perform(_ action: CoordinatorMachine.Action) {
        switch action {
        case .lease, .evaluate, .totals, .contradicted:
            service.carryOut(action) { sendWeights in
                let phase = recorder.watch.enter(.broadcast)
                sendWeights()
                recorder.watch.enter(phase)
            }
        case .dismissed(let worker, _, _):
            if let peer = service.listener.peers[worker] { recorder.recordLoss(of: peer) }
            service.carryOut(action)
        case .apply(let step, let bucket, let gradient):
            let phase = recorder.watch.enter(.optimizer)
            // At once: workers receive this bucket while gradients of others are still computed.
            do {
                if let values = try state.apply(gradient, to: bucket) {
                    publish(values, .init(version: step + 1, index: bucket))
                }
                if state.canary == nil { state.canary = election.commit() }
            } catch {
                diverge("\(error)")
            }
            recorder.watch.enter(phase)
        case .stepComplete(_, let report, let counts, let totals):
            completeStep(report, counts, totals)
        case .validated(let version, let matrix, let further):
            // The best student is chosen by the scans of every validation: others are not comparable.
            let isBest = state.takeValidation(matrix)
            let seconds = recorder.endValidation()
            record(
                .validated(
                    ValidationSummary(
                        step: version, usual: matrix,
                        usualScans: state.plan.validationSamples.count,
                        further: further, furtherScans: state.plan.furtherSamples.count,
                        isBest: isBest, seconds: seconds)))
            if isBest { state.save(asBest: true) }
            state.recordValidation()
        case .finished(let reason):
            let wasRequested = stopRequest.reason == reason
            ending = wasRequested ? .stopped(reason) : .finished(reason)
        case .failed(let reason, let isDivergence):
            if isDivergence { diverge(reason) } else { ending = .failed(reason) }
        }
    }

    private func diverge(_ reason: String) {
        // Workers may complain while the run ends for another reason.
        ending = ending ?? .diverged("the training has diverged: \(reason)")
    }

    private func completeStep(
        _ report: ShardReport, _ counts: CoordinatorMachine.StepCounts,
        _ totals: [Distillation.Totals]
    ) {
        let phase = recorder.watch.enter(.optimizer)
        let outcome: StepOutcome
        do {
            guard report.loss.isFinite else {
                throw Divergence("the loss is not finite at step \(state.version + 1)")
            }
            outcome = try state.completeStep(report, totals)
        } catch {
            return diverge("\(error)")
        }
        for warning in outcome.warnings { record(.diagnostic(warning)) }
        // Workers wait for the weights; the records can wait.
        publishVersion()
        let weights = state.dueWeights
        let (summary, remark) = recorder.completeStep(
            state.version, report, outcome, counts, service.listener.traffic, weights: weights)
        record(.step(summary))
        if let remark { record(.note(remark)) }
        recorder.watch.enter(.checkpoint)
        if weights != nil { state.save(asBest: false) }
        recorder.watch.enter(phase)
    }

    // MARK: Weights

    /// Makes every part of the current version available.
    ///
    /// With gradient clipping no part was available before: no bucket can be updated before the norm
    /// of all gradients is known.
    func publishVersion() {
        for index in state.plan.parts.versioned { publish(part: index, of: state.version) }
    }

    func publish(part index: Int, of version: Int) {
        publish(state.values(ofPart: index), .init(version: version, index: index))
    }

    private func publish(_ values: Tensor, _ part: WeightsDistributor.Part) {
        let phase = recorder.watch.enter(.broadcast)
        service.publish(
            .bucket(
                version: part.version, index: part.index, of: state.plan.parts.count, values),
            part)
        recorder.watch.enter(phase)
    }
}
