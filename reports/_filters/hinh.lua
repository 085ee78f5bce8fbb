-- Hình: HTML dùng SVG, PDF và DOCX dùng PNG cùng tên ở bên cạnh; rộng hết khổ chữ; fig-alt thành chữ thay hình.
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))

local function sua(hinh)
  local alt = hinh.attributes['fig-alt']
  if not chung.html then hinh.src = hinh.src:gsub('%.svg$', '.png') end
  if not chung.html and not hinh.attributes.width then hinh.attributes.width = '100%' end
  if alt then
    hinh.caption = pandoc.Inlines({ pandoc.Str(alt) })
    hinh.attributes['fig-alt'] = nil
  end
  return hinh
end

return { { Image = sua } }
