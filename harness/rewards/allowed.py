"""What a reward program may say: syntax, modules, functions, methods, and the ATen operators of its graph.

Everything that is not listed is refused. Nothing listed here reaches files, processes, randomness or
Python's own internals.
"""

from __future__ import annotations

import ast

from harness.rotations import IMPORTED_HELPERS


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


SYNTAX: tuple[type[ast.AST], ...] = tuple(
    getattr(ast, name)
    for name in words(
        """
        Module FunctionDef Lambda arguments arg Return Pass Expr Assign AugAssign NamedExpr For While If IfExp
        Break Continue Assert BoolOp BinOp UnaryOp Compare Call keyword Starred List Tuple Dict Set ListComp
        SetComp DictComp GeneratorExp comprehension JoinedStr FormattedValue Constant Name Attribute Subscript
        Slice expr_context boolop operator unaryop cmpop
        """
    )
)

PLAIN = "Use plain functions and tensors."
CONSTRUCTS: dict[type[ast.AST], tuple[str, str]] = {
    ast.ClassDef: ("a class", "Write plain functions; numbers belong inside them."),
    ast.AsyncFunctionDef: ("an async function", "Write `def` alone."),
    ast.Try: ("a try block", "Leave out `try`: keep values in range with torch.clamp or torch.where."),
    ast.TryStar: ("a try block", "Leave out `try`: keep values in range with torch.clamp or torch.where."),
    ast.With: ("a with block", "Leave it out: gradients are off anyway."),
    ast.AsyncWith: ("a with block", "Leave it out."),
    ast.Global: ("a global statement", "Nothing outlives a call: compute everything from the arguments."),
    ast.Nonlocal: ("a nonlocal statement", "Return the value from the inner function."),
    ast.Raise: (
        "a raise statement",
        "A reward always returns: use torch.where or torch.clamp for odd states.",
    ),
    ast.Delete: (
        "a del statement of anything but local variables",
        "Build the dict or list without that entry.",
    ),
    ast.Match: ("a match statement", "Use torch.where, or if on plain numbers."),
    ast.Yield: ("a generator", "Return a value."),
    ast.YieldFrom: ("a generator", "Return a value."),
    ast.Await: ("an await expression", PLAIN),
}
"""Construct → what it is called, and what to do instead."""

KEYWORDS = {"out", "inplace", "requires_grad", "generator", "pin_memory", "layout", "names"}
"""Keyword arguments that no call may have."""

BUILTINS = words(
    """
    abs all any bool dict divmod enumerate filter float int isinstance len list map max min pow range
    reversed round set slice sorted str sum tuple zip
    """
)

MATH = words(
    """
    acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2
    expm1 fabs factorial floor fmod fsum gamma hypot inf isclose isfinite isinf isnan isqrt lgamma log log10
    log1p log2 nan pi pow prod radians remainder sin sinh sqrt tan tanh tau trunc
    """
)

TYPING = words("Any Callable Dict Final Iterable List Literal Mapping Optional Sequence Set Tuple Union")

FUNCTIONAL = words(
    """
    binary_cross_entropy celu cosine_similarity elu
    gelu hardshrink hardsigmoid hardswish hardtanh huber_loss kl_div l1_loss leaky_relu linear log_softmax
    logsigmoid mish mse_loss normalize pad pairwise_distance pdist relu relu6 selu sigmoid silu
    smooth_l1_loss softmax softmin softplus softshrink softsign tanh tanhshrink threshold
    """
)

DTYPES = words(
    """
    bool float float16 float32 float64 double half bfloat16 int int8 int16 int32 int64 long short uint8
    """
)

OPERATIONS = words(
    """
    abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv adjoint all amax amin aminmax any arccos
    arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere asin asinh atan atan2 atanh
    baddbmm bitwise_and bitwise_not bitwise_or bitwise_xor bmm broadcast_to bucketize ceil chunk clamp
    clamp_max clamp_min clip clone conj conj_physical copysign cos cosh count_nonzero cross cummax cummin
    cumprod cumsum deg2rad det diag diag_embed diagonal diagonal_scatter diff dist div divide dot eq erf
    erfc erfinv exp exp2 expm1 flatten flip fliplr flipud float_power floor floor_divide fmax fmin fmod frac
    gather ge greater greater_equal gt heaviside hsplit hypot index_add index_copy index_fill index_select
    inner isclose isfinite isinf isnan isneginf isposinf isreal kron kthvalue ldexp le lerp less less_equal
    lgamma log log10 log1p log2 log_softmax logaddexp logaddexp2 logcumsumexp logical_and logical_not
    logical_or logical_xor logit logsumexp lt masked_fill masked_select matmul matrix_power max maximum mean
    median min minimum mm mode moveaxis movedim msort mul multiply mv nan_to_num nanmean nanmedian
    nanquantile nansum narrow ne neg negative nonzero norm not_equal numel outer permute positive pow prod
    quantile rad2deg ravel reciprocal relu remainder repeat_interleave reshape resolve_conj roll rot90 round
    rsqrt scatter scatter_add select select_scatter selu sgn sigmoid sign signbit sin sinc sinh
    slice_scatter softmax sort split sqrt square squeeze std sub subtract sum swapaxes swapdims t
    take_along_dim tan tanh tensor_split tile topk trace transpose tril triu true_divide trunc unbind
    unflatten unsqueeze var vdot vsplit where xlogy
    """
)
"""Functions of torch that are methods of tensors too."""

CONSTRUCTORS = words(
    """
    arange as_tensor atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors
    cartesian_prod cat cdist celu column_stack concat concatenate cosine_similarity cumulative_trapezoid
    device dstack e einsum eye finfo full full_like get_default_dtype hardshrink hstack iinfo inf is_complex
    is_floating_point is_tensor isin linspace logspace meshgrid nan ones ones_like pairwise_distance pi real
    row_stack scalar_tensor searchsorted Size stack std_mean Tensor tensor tensordot threshold trapezoid
    trapz var_mean vstack zeros zeros_like
    """
)

LINALG = words(
    """
    cross det diagonal eigvalsh inv matmul matrix_norm matrix_power multi_dot norm slogdet solve svdvals
    vecdot vector_norm
    """
)

MODULES = {
    "torch": OPERATIONS | CONSTRUCTORS | DTYPES,
    "torch.nn": set(),
    "torch.nn.functional": FUNCTIONAL,
    "torch.linalg": LINALG,
    "math": MATH,
    "typing": TYPING,
    "numpy": words("pi e inf nan euler_gamma"),
}
"""Module → what may be used of it."""

OF_NUMPY = {
    **{"array": "tensor", "asarray": "as_tensor", "power": "pow", "fmax": "maximum", "average": "mean"},
    **{"append": "cat", "dot": "matmul", "expand_dims": "unsqueeze", "max": "amax", "min": "amin"},
    **{"random": "rand", "copy": "clone"},
}
"""Function of numpy → function of torch, where the names differ."""

ISAAC_HELPERS = ("isaacgym.torch_utils", "isaacgymenvs.utils.torch_jit_utils", "utils.torch_jit_utils")
"""Where reward code for Isaac Gym finds its rotation helpers: here they are the harness's own."""
MODULES |= {path: set(IMPORTED_HELPERS) for path in ISAAC_HELPERS}
MODULES |= {path: set() for path in words("isaacgym isaacgymenvs isaacgymenvs.utils utils")}

IN_PLACE_FUNCTIONS = words(
    """
    abs_ acos_ asin_ atan_ ceil_ clamp_ clamp_max_ clamp_min_ cos_ cosh_ deg2rad_ erf_ exp2_ exp_ expm1_
    fill_ floor_ frac_ index_put_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ rad2deg_ reciprocal_
    relu_ round_ rsqrt_ sigmoid_ sin_ sinh_ sqrt_ tan_ tanh_ trunc_ xlogy_ zero_
    """
)
IN_PLACE = IN_PLACE_FUNCTIONS | words(
    """
    add_ addcdiv_ addcmul_ atan2_ copy_ copysign_ cumsum_ div_ eq_ floor_divide_ fmod_ ge_ gt_ heaviside_
    hypot_ index_add_ index_copy_ index_fill_ le_ lerp_ logical_and_ logical_not_ logical_or_ logical_xor_
    lt_ masked_fill_ masked_scatter_ mul_ ne_ pow_ remainder_ scatter_ scatter_add_ sign_ squeeze_ sub_
    unsqueeze_
    """
)
"""For tensors that the program made itself; a changed argument is found when the program is tried out."""

MODULES["torch"] |= IN_PLACE_FUNCTIONS

METHODS = (
    OPERATIONS
    | DTYPES
    | IN_PLACE
    | words(
        """
        append clear contiguous copy count detach device dim dtype endswith eps expand expand_as extend get
        index index_put indices insert is_complex is_contiguous is_cuda is_floating_point item items join
        keys lower masked_scatter max mH min mT ndim nelement new_full new_ones new_tensor new_zeros pop
        real remove repeat replace reshape_as setdefault shape size startswith stride strip sum_to_size T
        tiny to type type_as unfold update upper values view view_as
        """
    )
)
"""Attributes of values: of tensors, dtypes, lists and dicts."""

CHANGING = words("append clear copy_ extend insert pop popitem remove reverse setdefault sort update")
"""Methods that change what they are called on."""

HINTS = {
    **dict.fromkeys(
        words(
            """
            rand randn randint rand_like randn_like randperm normal bernoulli multinomial manual_seed uniform_
            normal_ random_ bernoulli_
            """
        ),
        "A reward has no randomness.",
    ),
    "empty": "Use torch.zeros.",
    "empty_like": "Use torch.zeros_like.",
    "cuda": "Tensors are on the right device; for new ones write `device=x.device`.",
    "backends": "Tensors are on the right device; for new ones write `device=x.device`.",
    "numpy": "Stay with torch tensors.",
    "tolist": "Stay with torch tensors; numbers read out of tensors are not available.",
    "data": "Use the tensor itself.",
    "backward": "A reward needs no gradients.",
    "format": "Use an f-string.",
    "no_grad": "Gradients are off anyway.",
    "requires_grad_": "Gradients are off anyway: leave it out.",
    "grad": "A reward needs no gradients.",
    "jit": "Leave it out: nothing needs compiling.",
    "print": "A reward writes nothing: `print` may only be a statement of its own, which is dropped.",
    **dict.fromkeys(words("next iter"), "Use a for loop over a list or range."),
    **dict.fromkeys(words("type getattr hasattr"), "Leave it out: what the task offers is there."),
    "unique": "Its size depends on the values: use masks and torch.where.",
    "allclose": "Compare for each world: torch.isclose(a, b).all(dim=-1).",
    "equal": "Compare for each world: (a == b).all(dim=-1).",
    **dict.fromkeys(
        words("exit quit SystemExit Exception ValueError RuntimeError TypeError"),
        "A reward always returns a value for every world: use torch.where or torch.clamp for odd states.",
    ),
}

OPERATORS = words(
    """
    abs acos acosh add addbmm addcdiv addcmul addmm addmv alias all amax amin aminmax any arange argmax
    argmin argsort asin asinh atan atan2 atanh baddbmm binary_cross_entropy bitwise_and bitwise_not
    bitwise_or bitwise_xor block_diag bmm bucketize cat ceil celu clamp clamp_max clamp_min clone
    constant_pad_nd copy copysign cos cosh count_nonzero cummax cummin cumprod cumsum deg2rad detach
    diag_embed diagonal diagonal_copy diagonal_scatter dist div dot elu eq erf erfc erfinv exp exp2 expand
    expm1 eye fill flip floor floor_divide fmax fmin fmod frac full full_like gather ge gelu gt hardshrink
    hardsigmoid hardswish hardtanh heaviside huber_loss hypot index index_add index_copy index_fill
    index_put index_select isin isinf isnan isneginf isposinf kthvalue ldexp le leaky_relu lerp lgamma
    lift_fresh_copy linalg_cross linalg_inv_ex linalg_vector_norm linspace log log10 log1p log2
    log_sigmoid_forward logaddexp logaddexp2 logcumsumexp logical_and logical_not logical_or logical_xor
    logit logspace logsumexp lt masked_fill masked_scatter masked_select max maximum mean median min minimum
    mish mm mode mse_loss mul mv nan_to_num nanmedian nansum ne neg new_full new_ones new_zeros nonzero norm
    ones ones_like permute pow prod rad2deg reciprocal relu remainder repeat roll rot90 round rsqrt rsub
    scalar_tensor scatter scatter_add searchsorted select select_scatter sgn sigmoid sign signbit silu sin
    sinc sinh slice slice_scatter smooth_l1_loss softplus softshrink sort split split_with_sizes sqrt
    squeeze stack std std_mean sub sum t tan tanh threshold topk trace transpose tril triu trunc unbind
    unfold unsqueeze var var_mean vdot view where xlogy zero zeros zeros_like _cdist_forward _euclidean_dist
    _linalg_det _linalg_eigh _linalg_slogdet _linalg_solve_ex _linalg_svd _log_softmax _pdist_forward
    _softmax _to_copy _unsafe_view
    """
)
"""ATen operators that a graph may call, by the name before the overload."""
