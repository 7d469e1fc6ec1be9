using System.Reflection;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;
[assembly: TiterPlugin("wrong_shapes", SdkApi.Level, Summary = "Puts a tensor of another shape in place of a parameter.")]

namespace WrongShapes;

public sealed class WrongShapesDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var parameter = context!.Model.Parameters[0];
        var field = typeof(NamedParameter).GetField("<Tensor>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!;
        field.SetValue(parameter, torch.zeros([3, 5]));
    }
}
