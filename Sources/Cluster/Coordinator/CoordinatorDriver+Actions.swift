import Distillation
import Telemetry
import Tensors
import Training

// The actions of the machine, carried out.

extension CoordinatorDriver {
    func perform(_ actions: [CoordinatorMachine.Action]) {
        for action in actions { perform(action) }
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
            progress.remove(worker)
            service.carryOut(action)
        case .apply(let step, let bucket, let gradient):
            let phase = recorder.watch.enter(.optimizer)
            // At once: workers receive this bucket while gradients of others are still computed.
            if let values = state.apply(gradient, to: bucket) {
                publish(values, .init(version: step + 1, index: bucket))
            }
            recorder.watch.enter(phase)
        case .stepComplete(_, let report, let counts, let totals):
            completeStep(report, counts, totals)
        case .validated(let version, let matrix):
            let isBest = state.takeValidation(matrix)
            let seconds = recorder.endValidation()
            record(.validated(step: version, matrix, isBest: isBest, seconds: seconds))
            if isBest { state.save(asBest: true) }
            state.recordValidation()
        case .finished(let reason):
            let wasRequested = stopRequest.reason == reason
            ending = wasRequested ? .stopped(reason) : .finished(reason)
        case .failed(let reason): ending = .failed(reason)
        }
    }

    private func completeStep(
        _ report: ShardReport, _ counts: CoordinatorMachine.StepCounts,
        _ totals: [Distillation.Totals]
    ) {
        let phase = recorder.watch.enter(.optimizer)
        let outcome = state.completeStep(report, totals)
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
