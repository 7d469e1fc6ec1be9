using Titer.Models;
using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Models.Native;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Runtime.Workers;

/// <summary>
/// What every worker loads and compiles whatever it is to play, before it is told: torch, and a step and an answer of a model of a few numbers.
/// On the CPU, whatever the device: a worker that waits takes no room on a GPU. Leaves torch as it was.
/// </summary>
internal static class WarmUp
{
    private const int Width = 16;
    private const int MostTokens = 4;

    public static void Do()
    {
        try
        {
            NativeTorch.EnsureLoaded();
            using var scope = torch.NewDisposeScope();
            var device = DeviceSelection.Open("cpu");
            using var random = new SeededRandom(1, device.Device);
            using var model = LlamaModel.Create(new LlamaConfig
            {
                VocabSize = Width,
                HiddenSize = Width,
                IntermediateSize = Width,
                NumHiddenLayers = 1,
                NumAttentionHeads = 2,
                NumKeyValueHeads = 2,
                MaxPositionEmbeddings = Width,
                TieWordEmbeddings = true,
                InitializerRange = 0.1,
            }, device, random);
            var rows = new ExampleSet([new TokenizedExample("warm", "up", [1, 2, 3, 2], 2)], 0, device.Device);
            using var optimizer = new AdamW(model.Arena, learningRate: 1e-3);
            FineTuner.SupervisedLoss(model, rows.Batch([0])).backward();
            optimizer.Step();
            TextGenerator.Greedy(model, [[1, 2], [1, 2, 3]], MostTokens, endId: 0, padId: 0);
        }
        catch (NativeTorchException)
        {
            // The phase will say so.
        }
    }
}
