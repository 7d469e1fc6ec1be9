using Titer.Models.Generation;
using Titer.Sdk.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Scenarios;

/// <summary>
/// Where a model tells harmful prompts from benign ones: difference of means of the residual stream at the last prompt token, block by block
/// (Arditi et al. 2024, arXiv 2406.11717, section 2.3). A model without one refuses by something that an attack on directions cannot remove.
/// </summary>
public sealed class RefusalDirection
{
    private readonly float[][] _directions;

    private RefusalDirection(float[][] directions, double[] separability) => (_directions, Separability) = (directions, separability);

    /// <summary>
    /// By block: chance that a harmful prompt lies further along the direction than a benign one (area under the ROC curve), of prompts that the
    /// direction was not taken from. 0.5 is none, 1 complete.
    /// </summary>
    public IReadOnlyList<double> Separability { get; }

    /// <summary>Number of blocks; each has a direction.</summary>
    public int Blocks => _directions.Length;

    /// <param name="harmful">Token ids of prompts; every other one is held out.</param>
    /// <param name="benign">As many of the other kind.</param>
    public static RefusalDirection Of(CausalLanguageModel model, IReadOnlyList<int[]> harmful, IReadOnlyList<int[]> benign)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (bad, good) = (States(model, harmful), States(model, benign));
        var directions = new float[model.Shape.Blocks][];
        var separability = new double[model.Shape.Blocks];
        for (var block = 0; block < directions.Length; block++)
        {
            var difference = Half(bad[block], 0).mean([0]) - Half(good[block], 0).mean([0]);
            var unit = difference / difference.norm();
            directions[block] = [.. unit.data<float>()];
            separability[block] = Area(Half(bad[block], 1).matmul(unit), Half(good[block], 1).matmul(unit));
        }

        return new RefusalDirection(directions, separability);
    }

    /// <summary>
    /// Takes the direction of a block out of everything that writes into the residual stream: W becomes W - r r^T W for embeddings, attention
    /// outputs and MLP outputs (weight orthogonalization, equation 5 there). Where the output embedding is the input's, it loses it as well.
    /// </summary>
    public void Ablate(CausalLanguageModel model, int block)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var unit = tensor(_directions[block], dtype: model.Arena.Flat.dtype, device: model.Arena.Flat.device);
        foreach (var (name, weights) in model.Parameters)
        {
            if (name is "model.embed_tokens.weight" or "transformer.wte.weight" or "transformer.wpe.weight")
                weights.sub_(outer(weights.matmul(unit), unit));
        }

        foreach (var projection in model.Projections.Where(p => p.Name is "o_proj" or "down_proj" or "c_proj"))
        {
            projection.Weight.sub_(outer(unit, unit.matmul(projection.Weight)));
            projection.Bias?.sub_(unit * unit.dot(projection.Bias));
        }
    }

    /// <summary>Residual stream after every block at the last token of each prompt: [prompt, hidden] per block.</summary>
    private static Tensor[] States(CausalLanguageModel model, IReadOnlyList<int[]> prompts)
    {
        var states = Enumerable.Range(0, model.Shape.Blocks).Select(_ => new List<Tensor>()).ToArray();
        foreach (var prompt in prompts)
        {
            using var ids = tensor(prompt.Select(id => (long)id).ToArray(), device: model.Arena.Flat.device).unsqueeze(0);
            model.Forward(ids, (block, site, value) =>
            {
                if (site == TapSite.BlockOutput) states[block].Add(value[0, -1].to(ScalarType.Float32, copy: true));
                return value;
            }).Dispose();
        }

        return [.. states.Select(block => stack(block))];
    }

    /// <summary>Rows of one parity.</summary>
    private static Tensor Half(Tensor rows, int parity) => rows.slice(0, parity, rows.shape[0], 2);

    private static double Area(Tensor harmful, Tensor benign)
    {
        var difference = harmful.unsqueeze(1) - benign.unsqueeze(0);
        return (difference.gt(0).to(ScalarType.Float64) + 0.5 * difference.eq(0).to(ScalarType.Float64)).mean().item<double>();
    }
}
