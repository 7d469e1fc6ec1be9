using TorchSharp;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Models.Generation;

/// <summary>Scores given text; neither charged to a budget nor differentiated.</summary>
public static class LogLikelihood
{
    /// <summary>Log-probability of every token after the first, given those before it, in nats.</summary>
    public static float[] PerToken(CausalLanguageModel model, int[] ids)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var input = torch.tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length], device: model.Arena.Flat.device);
        var log = torch.nn.functional.log_softmax(model.Forward(input).to(ScalarType.Float32), -1);
        return log[0].narrow(0, 0, ids.Length - 1).gather(1, input[0].narrow(0, 1, ids.Length - 1).unsqueeze(1)).cpu().data<float>().ToArray();
    }

    /// <summary>Mean negative log-likelihood of the labeled positions of a batch, in nats per token.</summary>
    public static double MeanLoss(CausalLanguageModel model, TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        return Sdk.Training.CausalLoss.CrossEntropy(model.Forward(batch.InputIds).to(ScalarType.Float32), batch.Labels).item<float>();
    }
}
